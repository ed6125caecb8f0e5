import { shardOf } from "../../domain/ids.ts";
import type { Transaction } from "../../domain/transaction.ts";
import type { Group } from "./group.ts";

/** The transaction that a group creates, before its evidence and registrations are applied. */
export function newTransaction(id: string, group: Group, now: Date): Transaction {
  const { connection, registrations, evidence } = group;
  const [registration] = registrations;
  // A C2B confirmation may be the second half of an STK push: the push says the kind.
  const kindFrom = evidence.find(e => e.kind !== "c2b") ?? evidence[0];
  return {
    shard: shardOf(id),
    id,
    merchantId: connection.merchantId,
    connectionId: connection.id,
    provider: connection.provider,
    environment: connection.environment,
    kind: registration?.registration.kind ?? kindFrom?.kind ?? "payment",
    status: "pending",
    statusSource: registration ? "registration" : "callback",
    registered: registration !== undefined,
    version: 0,
    sequence: 0,
    reference: null,
    refs: {},
    amount: null,
    refundedMinor: 0n,
    phone: null,
    phoneMasked: null,
    phoneKey: null,
    partyName: null,
    result: null,
    review: null,
    details: {},
    metadata: {},
    registration: null,
    start: null,
    occurredAt: null,
    expiresAt: null,
    createdAt: now,
    updatedAt: now,
    mergedInto: null,
  };
}
