import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { newUuid } from "../../src/domain/ids.ts";
import { arrivalOf, recordOf } from "../../src/receive/arrival.ts";
import type { CallbackTarget } from "../../src/receive/target.ts";
import { kengele } from "../providers/invented/kengele/kengele.ts";

const connection = {
  shard: 7,
  id: newUuid(7),
  merchantId: newUuid(7),
  provider: "kengele",
  verification: { address: { mode: "off", ranges: [] } },
};
const target = {
  connection,
  provider: { ...kengele, secretHeaders: ["x-notice-secret"] },
  channel: kengele.channels.notices,
  channelName: "notices",
} as unknown as CallbackTarget;
const known = { strength: "hint", key: "key", quarantine: null, answer: null } as const;

test("the record of a GET keeps the query as it came, and is told from others by it", () => {
  const query = "trackingId=K-1&note=a%20b";
  const arrival = arrivalOf(target, "GET", { query, headers: {} }, Buffer.alloc(0), new Date());
  expect(arrival.callback.query).toEqual({ trackingId: "K-1", note: "a b" });
  const { method, query: kept, digest } = recordOf(arrival, known);
  expect([method, kept, digest]).toEqual(["GET", query, createHash("sha256").update(query).digest()]);
});

test("a secret that the provider sends in a header is in the callback, and not in its record", () => {
  const headers = { "x-notice-secret": "a secret", "x-other": "stays" };
  const arrival = arrivalOf(target, "POST", { query: "", headers }, Buffer.from("{}"), new Date());
  expect(arrival.callback.headers).toEqual(headers);
  expect(recordOf(arrival, known).headers).toEqual({ "x-notice-secret": "[verified]", "x-other": "stays" });
});
