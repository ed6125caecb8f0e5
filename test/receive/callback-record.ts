import { createHash } from "node:crypto";
import { newUuid } from "../../src/domain/ids.ts";
import type { CallbackRecord } from "../../src/receive/store/callback-record.ts";

/** A callback to append. Two with the same `key` and `text` are copies. */
export function record(key: string, text = key, more: Partial<CallbackRecord> = {}): CallbackRecord {
  const body = Buffer.from(text);
  return {
    shard: 7,
    id: newUuid(7),
    merchantId: newUuid(7),
    connectionId: "01a1fb4c-6f1d-7007-9d8f-96adb6802a64",
    provider: "daraja",
    channel: "stk",
    key,
    digest: createHash("sha256").update(body).digest(),
    receivedAt: new Date("2026-01-02T03:04:05.678Z"),
    strength: "hint",
    method: "POST",
    query: "",
    headers: { "content-type": "application/json" },
    body,
    quarantine: null,
    answer: null,
    ...more,
  };
}
