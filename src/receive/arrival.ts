import { createHash } from "node:crypto";
import { newUuid } from "../domain/ids.ts";
import { parseQuery } from "../providers/kit/parse-callback.ts";
import type { FieldProblem, Reply, StoredCallback } from "../providers/provider.ts";
import type { CallbackRecord } from "./store/callback-record.ts";
import type { CallbackTarget, Incoming } from "./target.ts";
import { secretHeaders } from "./verify.ts";

/** A callback with its target and the id it will be kept under. */
export type Arrival = {
  target: CallbackTarget;
  id: string;
  /** SHA-256 of the body; of a GET, which has none, of its query. */
  digest: Buffer;
  /** As it came: headers with their secrets. */
  callback: StoredCallback;
  /** The query as it came. */
  query: string;
  body: Buffer;
};

/** Why a callback is quarantined at once, and the reply to its sender. */
export type QuarantineReason = { problems: FieldProblem[]; reply: Reply };

/** Keys are indexed for good, so they stay short. */
const keyCharsMax = 300;

export function arrivalOf(target: CallbackTarget, incoming: Incoming, body: Buffer, receivedAt: Date): Arrival {
  const { method, query, headers } = incoming;
  const content = method === "GET" && body.length === 0 ? query : body;
  return {
    target,
    id: newUuid(target.connection.shard),
    digest: createHash("sha256").update(content).digest(),
    callback: { channel: target.channelName, method, query: parseQuery(query), headers, body, receivedAt },
    query,
    body,
  };
}

/** The record to keep. A callback without a key of its own is told from others by its digest. */
export function recordOf(
  { target, id, digest, callback, query, body }: Arrival,
  strength: CallbackRecord["strength"],
  key: string | null,
  refused: QuarantineReason | null = null,
): CallbackRecord {
  const { connection, provider, channelName } = target;
  const secrets = [...secretHeaders(connection.verification), ...(provider.secretHeaders ?? [])];
  return {
    shard: connection.shard,
    id,
    merchantId: connection.merchantId,
    connectionId: connection.id,
    provider: connection.provider,
    channel: channelName,
    key: storable(key) ?? `digest:${digest.toString("hex")}`,
    digest,
    receivedAt: callback.receivedAt,
    strength,
    method: callback.method,
    query,
    headers: withoutSecrets(callback.headers, secrets),
    body,
    quarantine: refused?.problems ?? null,
    answer: refused && { status: refused.reply.status, body: refused.reply.body },
  };
}

/** PostgreSQL refuses NUL, and an index a long text: such a key is replaced by its digest. */
function storable(key: string | null): string | null {
  if (key === null) return null;
  if (key.length <= keyCharsMax && !key.includes("\0") && Buffer.from(key).toString() === key) return key;
  return `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

function withoutSecrets(headers: Record<string, string>, secrets: string[]): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const isRedacted = name === "authorization" || name === "cookie";
    kept[name] = secrets.includes(name) ? "[verified]" : isRedacted ? "[redacted]" : value;
  }
  return kept;
}
