import { createHash } from "node:crypto";
import { newUuid } from "../domain/ids.ts";
import { parseQuery } from "../providers/kit/parse-callback.ts";
import type { CallbackMethod, StoredCallback } from "../providers/provider.ts";
import { redactHeaders, secretHeaders } from "./header-redaction.ts";
import type { CallbackRecord } from "./store/callback-record.ts";
import type { CallbackPath, CallbackTarget } from "./target.ts";

/** A request to a callback URL. `headers` have lower-case names; `address` is the client's. */
export type CallbackRequest = CallbackPath & {
  method: string;
  /** The query of the URL as it came, without the question mark. */
  query: string;
  headers: Record<string, string>;
  address: string;
  /** It has an `X-Forwarded-For` that does not count, because no proxy is trusted. */
  isForwardedForIgnored?: boolean;
  readBody(): Promise<Buffer | "too-large" | "aborted">;
};

/** A callback with its target and the id it will be stored under. */
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

/** The arrival of a request whose target is found and whose body is read. */
export function arrivalOf(
  target: CallbackTarget,
  method: CallbackMethod,
  { query, headers }: Pick<CallbackRequest, "query" | "headers">,
  body: Buffer,
  receivedAt: Date,
): Arrival {
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

/** The record of a callback, without the secrets in its headers. */
export function recordOf(
  { target, id, digest, callback, query, body }: Arrival,
  known: Pick<CallbackRecord, "strength" | "key" | "quarantine" | "answer" | "wrongReceiver">,
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
    ...(!target.isKnown && { isUnknownChannel: true }),
    digest,
    receivedAt: callback.receivedAt,
    method: callback.method,
    query,
    headers: redactHeaders(callback.headers, secrets),
    body,
    ...known,
  };
}
