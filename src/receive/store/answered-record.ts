import type { Connection } from "../../connections/connection.ts";
import type { FieldProblem, StoredCallback } from "../../providers/provider.ts";
import type { CallbackRecord } from "./callback-record.ts";

/**
 * The record of a synchronous callback: it carries the answer that was sent, and the settle worker does not read it.
 */
export function answeredRecord(answered: {
  connection: Connection;
  callback: StoredCallback & { id: string; key: string; digest: Buffer };
  answer: Record<string, unknown>;
  quarantine: FieldProblem[] | null;
}): CallbackRecord {
  const { connection, callback, answer, quarantine } = answered;
  return {
    shard: connection.shard,
    id: callback.id,
    merchantId: connection.merchantId,
    connectionId: connection.id,
    provider: connection.provider,
    channel: callback.channel,
    key: callback.key,
    digest: callback.digest,
    receivedAt: callback.receivedAt,
    strength: "hint",
    method: callback.method,
    query: new URLSearchParams(callback.query).toString(),
    headers: callback.headers,
    body: Buffer.from(callback.body),
    quarantine,
    answer,
  };
}
