import { expect, test } from "vitest";
import type { Connection } from "../../src/connections/connection.ts";
import { newUuid } from "../../src/domain/ids.ts";
import type { Provider, Reading } from "../../src/providers/provider.ts";
import type { ClaimedCallback } from "../../src/settle/inbox/inbox-store.ts";
import { readCallback } from "../../src/settle/inbox/read.ts";
import { kengele } from "../providers/invented/kengele/kengele.ts";
import { muhuri } from "../providers/invented/muhuri/muhuri.ts";

const connection: Connection = {
  shard: 7,
  id: newUuid(7),
  merchantId: newUuid(7),
  provider: "muhuri",
  environment: "sandbox",
  baseUrl: null,
  credentials: {},
  verification: { address: { mode: "off", ranges: [] } },
  settings: {},
  forwardSecret: "",
};

const charge = { event: "charge.success", data: { id: "C-1", amount: 100, currency: "KES" } };

function claimed(more: Partial<ClaimedCallback> = {}): ClaimedCallback {
  return {
    id: newUuid(7),
    connectionId: connection.id,
    provider: "muhuri",
    channel: "events",
    strength: "hint",
    isUnverified: false,
    receivedAt: new Date(),
    method: "POST",
    query: "",
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(charge)),
    readBefore: 0,
    key: "key",
    ...more,
  };
}

const read = (callback: ClaimedCallback, provider: Provider, more: Partial<Connection> = {}) =>
  readCallback(callback, newUuid(7), { ...connection, ...more }, provider);

const completedReading: Reading = {
  kind: "changed",
  findings: [{ kind: "checkout", says: "completed", refs: {}, identity: ["tracking_id:K-1"] }],
};

test("a callback without a proof only says that something changed, where the provider wants it polled", () => {
  const polling: Provider = { ...muhuri, withoutProof: "poll" };
  expect(read(claimed(), polling).evidence).toMatchObject([{ says: "nothing", changed: true, strength: "hint" }]);
  const [signed] = read(claimed({ strength: "signed" }), polling).evidence;
  expect([signed?.says, signed?.changed]).toEqual(["completed", undefined]);
  const [hint] = read(claimed(), muhuri).evidence;
  expect([hint?.says, hint?.changed]).toEqual(["completed", undefined]);
});

test("a callback whose proof was refused stays unread while the connection has what verifies", () => {
  const refused = claimed({ isUnverified: true });
  expect(read(refused, muhuri, { credentials: { signing_key: "key" } }).problems).toHaveLength(1);
  expect(read(refused, muhuri).problems).toEqual([]);
});

test("a kept GET is read by its query, and what it says is ignored", () => {
  const get = claimed({ channel: "notices", method: "GET", query: "trackingId=K-1&a=%20", body: Buffer.alloc(0) });
  expect(read(get, kengele).evidence).toMatchObject([
    { says: "nothing", changed: true, identity: ["tracking_id:K-1"] },
  ]);
  const lying = { ...kengele.channels.notices!, read: () => completedReading };
  const evidence = read(get, { ...kengele, channels: { notices: lying } }).evidence;
  expect(evidence).toMatchObject([{ says: "nothing", changed: true }]);
});
