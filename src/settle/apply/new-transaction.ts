import { shardOf } from "../../domain/ids.ts";
import type { Transaction } from "../../domain/transaction.ts";
import type { Group } from "../match/group.ts";

/** A transaction as it is before anything is known of it. */
export function newTransaction(id: string, group: Group, now: Date): Transaction {
  const { connection, registrations, evidence } = group;
  const found = evidence.find(e => e.kind !== "c2b") ?? evidence[0];
  return {
    shard: shardOf(id),
    id,
    merchantId: connection.merchantId,
    connectionId: connection.id,
    provider: connection.provider,
    kind: registrations[0]?.kind ?? found?.kind ?? "payment",
    status: "pending",
    statusSource: registrations.length > 0 ? "registration" : "callback",
    registered: registrations.length > 0,
    version: 0,
    sequence: 0,
    reference: null,
    refs: {},
    amount: null,
    phone: null,
    partyName: null,
    result: null,
    review: null,
    details: {},
    metadata: {},
    registration: null,
    occurredAt: null,
    expiresAt: null,
    createdAt: now,
    updatedAt: now,
    mergedInto: null,
  };
}
