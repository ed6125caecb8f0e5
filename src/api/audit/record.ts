import { audit } from "../../database/schema/merchants.ts";
import { newUuid } from "../../domain/ids.ts";
import { actorOf, type Caller } from "../caller.ts";
import type { DrizzleQueryable } from "../deps.ts";

/** The audited actions. */
export type AuditAction =
  | "merchant.created"
  | "api_key.created"
  | "api_key.deleted"
  | "connection.created"
  | "connection.changed"
  | "connection.deleted"
  | "connection.token_rotated"
  | "connection.forward_secret_rotated"
  | "connection.urls_registered"
  | "endpoint.created"
  | "endpoint.changed"
  | "endpoint.deleted"
  | "endpoint.secret_rotated"
  | "endpoint.recovered"
  | "events.replayed"
  | "callback.reprocessed"
  | "delivery.retried"
  | "transaction.amended"
  | "transaction.resolved";

export type AuditEntry = {
  shard: number;
  merchantId: string;
  action: AuditAction;
  /** Public id of the thing that was changed. */
  subject: string;
  /** Names and numbers, never a secret. */
  detail?: Record<string, unknown>;
};

/** Records who changed what, in the database transaction of the change. */
export async function recordAudit(tx: DrizzleQueryable, caller: Caller, entry: AuditEntry): Promise<void> {
  const { detail = {}, ...rest } = entry;
  await tx.insert(audit).values({ ...rest, id: newUuid(entry.shard), actor: actorOf(caller), detail });
}
