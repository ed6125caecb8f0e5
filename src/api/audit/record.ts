import { appendAudit, type RunStatement } from "../../database/audit/append-store.ts";
import { actorOf, type Caller, nameOf } from "../caller.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { runOn } from "./run-on.ts";

/** The audited actions. */
export type AuditAction =
  | "merchant.created"
  | "merchant.changed"
  | "api_key.created"
  | "api_key.deleted"
  | "operator.created"
  | "operator.deleted"
  | "connection.created"
  | "connection.changed"
  | "connection.deleted"
  | "connection.token_rotated"
  | "connection.forward_secret_rotated"
  | "connection.urls_registered"
  | "connection.token_handed_out"
  | "endpoint.created"
  | "endpoint.changed"
  | "endpoint.deleted"
  | "endpoint.secret_rotated"
  | "endpoint.recovered"
  | "events.replayed"
  | "callback.reprocessed"
  | "callback.body_read"
  | "delivery.retried"
  | "statement.uploaded"
  | "receipt.looked_up"
  | "transaction.amended"
  | "transaction.resolved"
  | "transactions.exported"
  | "approval.asked"
  | "approval.approved"
  | "approval.rejected"
  | "alert.acknowledged"
  | "alert_channel.created"
  | "alert_channel.deleted"
  | "person.exported"
  | "person.erased";

export type AuditEntry = {
  shard: number;
  /** Null for the whole installation (shard 0). */
  merchantId: string | null;
  action: AuditAction;
  /** Public id of the thing that was changed. */
  subject: string;
  /** What was changed, as it was: settings with their values, secrets by their names alone. Null for a new thing. */
  before?: Record<string, unknown> | null;
  /** The same as it is now, or what was done. */
  after?: Record<string, unknown> | null;
  /** The same as `after`, for an action that changes nothing stored. */
  detail?: Record<string, unknown>;
};

/** Records who did what, in the database transaction of the change. */
export async function recordAudit(tx: DrizzleQueryable, caller: Caller, entry: AuditEntry): Promise<void> {
  await recordWith(runOn(tx), caller, entry);
}

/** The same in a database transaction of another client. */
export async function recordWith(run: RunStatement, caller: Caller, entry: AuditEntry): Promise<void> {
  const { shard, merchantId, action, subject, before = null, after = null, detail = null } = entry;
  await appendAudit(run, caller.origin.auditKey, {
    ...{ shard, merchantId, action, subject, before, after: after ?? detail },
    actor: actorOf(caller),
    actorKind: caller.kind === "merchant" ? "key" : caller.kind,
    actorName: nameOf(caller),
    actorAddress: caller.origin.address,
  });
}
