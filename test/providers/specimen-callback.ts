import type { StoredCallback } from "../../src/providers/provider.ts";
import { bytesOf, type Specimen } from "./specimen.ts";

/** A specimen as it is kept. */
export function callbackOf({ channel, method, query, headers, contentType, body }: Specimen): StoredCallback {
  return {
    channel,
    method,
    query,
    headers: { "content-type": contentType, ...headers },
    body: method === "GET" ? new Uint8Array() : bytesOf(body),
    receivedAt: new Date("2026-11-20T09:00:00.000Z"),
  };
}
