import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseId, shardOf } from "../../src/domain/ids.ts";
import { type Json, startApi, type TestApi } from "./harness.ts";
import { seeder } from "./seed.ts";

let api: TestApi;
let seed: ReturnType<typeof seeder>;
let owner: { merchantId: string; connectionId: string };
let key: string;
beforeAll(async () => {
  api = await startApi();
  seed = seeder(api.sql);
  const merchant = await api.newMerchant();
  key = merchant.key;
  const { json } = await api.call("POST", "/v1/connections", {
    key,
    body: { provider: "daraja", environment: "sandbox" },
  });
  owner = { merchantId: merchant.id, connectionId: json.id };
});
afterAll(() => api.close());

const get = async (id: string) => (await api.call("GET", `/v1/callbacks/${id}`, { key })).json;

describe("a callback", () => {
  it("shows its reading and the provider's response", async () => {
    const transaction = await seed.transaction(owner);
    const id = await seed.callback(owner, { state: "processed", transactionIds: [transaction], copies: 3 });
    expect(await get(id)).toEqual({
      id,
      merchant_id: owner.merchantId,
      connection_id: owner.connectionId,
      provider: "daraja",
      channel: "stk",
      read_as: null,
      state: "processed",
      copies: 3,
      received_at: expect.any(String),
      problems: [],
      answer: { status: 200, body: '{"ResultCode":0,"ResultDesc":"Accepted"}' },
      transaction_ids: [transaction],
      conflicts_with: [],
    });
  });

  it("is pending until it is read, and shows its problems in quarantine", async () => {
    const waiting = await get(await seed.callback(owner));
    expect([waiting.state, waiting.problems, waiting.transaction_ids]).toEqual(["pending", [], []]);
    const problems = [{ path: "Body.stkCallback", message: "is missing" }];
    const answer = { status: 401, body: "{}" };
    const held = await get(await seed.callback(owner, { state: "quarantined", problems, answer }));
    expect([held.state, held.problems, held.answer]).toEqual(["quarantined", problems, answer]);
  });

  it("names callbacks with the same key and another body", async () => {
    const [a, b] = [
      await seed.callback(owner, { key: "k", body: "1" }),
      await seed.callback(owner, { key: "k", body: "2" }),
    ];
    await seed.callback(owner, { key: "k", body: "3", channel: "result" });
    expect([(await get(a)).conflicts_with, (await get(b)).conflicts_with]).toEqual([[b], [a]]);
  });
});

describe("its body", () => {
  const body = (id: string) => api.call("GET", `/v1/callbacks/${id}/body`, { key });

  it("is the exact bytes, under a type that no browser executes", async () => {
    const bytes = Buffer.from([0x7b, 0x00, 0xff, 0x0d, 0x0a, 0x7d]);
    const cases = [
      ["application/json; charset=utf-8", "application/json"],
      ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded"],
      ["text/html", "application/octet-stream"],
      ["image/svg+xml", "application/octet-stream"],
    ];
    for (const [contentType, shown] of cases) {
      const {
        status,
        headers,
        bytes: sent,
      } = await body(await seed.callback(owner, { body: bytes, contentType: contentType! }));
      expect([status, Buffer.from(sent)]).toEqual([200, bytes]);
      expect(headers.get("content-type")).toBe(shown);
      expect(headers.get("content-disposition")).toMatch(/^attachment/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("sandbox");
    }
  });

  it("may be empty, and responds with 410 after retention", async () => {
    expect((await body(await seed.callback(owner, { body: "" }))).bytes).toHaveLength(0);
    expect((await body(await seed.callback(owner, { body: null }))).status).toBe(410);
  });
});

describe("reading again", () => {
  const reprocess = (id: string) => api.call("POST", `/v1/callbacks/${id}/reprocess`, { key });

  it("puts the callback into the inbox, unless its bytes are gone", async () => {
    const id = await seed.callback(owner, { state: "quarantined", queued: false });
    const uuid = parseId("callback", id)!;
    api.woken.inbox.length = 0;
    const called = await reprocess(id);
    expect([called.status, called.json.id]).toEqual([202, id]);
    expect(await api.sql`select 1 from inbox_queue where callback_id = ${uuid}`).toHaveLength(1);
    expect(api.woken.inbox).toEqual([shardOf(uuid)]);
    expect((await reprocess(await seed.callback(owner, { state: "processed", body: null }))).status).toBe(410);
  });
});

describe("the list", () => {
  it("filters by state, provider, channel and connection, and pages through each", async () => {
    const other = await api.newMerchant();
    const connect = async (provider: string) =>
      (await api.call("POST", "/v1/connections", { key: other.key, body: { provider, environment: "sandbox" } })).json
        .id;
    const [daraja, kyanda] = [await connect("daraja"), await connect("kyanda")];
    const own = (connectionId: string) => ({ merchantId: other.id, connectionId });
    const pending = await seed.callback(own(daraja));
    const processed = await seed.callback(own(daraja), { state: "processed", channel: "result" });
    const held = await seed.callback(own(kyanda), { state: "quarantined", provider: "kyanda", channel: "ipn" });
    const again = await seed.callback(own(daraja), { state: "processed", queued: true });
    const list = async (query: string) => {
      const { json } = await api.call("GET", `/v1/callbacks?${query}`, { key: other.key });
      return json.data.map(({ id }: Json) => id);
    };
    expect(await list("")).toEqual([again, held, processed, pending]);
    expect(await list("state=pending")).toEqual([pending]);
    expect(await list("state=processed")).toEqual([again, processed]);
    expect(await list("state=quarantined")).toEqual([held]);
    expect(await list("state=quarantined&provider=daraja")).toEqual([]);
    expect(await list("state=pending&provider=daraja")).toEqual([pending]);
    expect(await list("provider=kyanda")).toEqual([held]);
    expect(await list("channel=result")).toEqual([processed]);
    expect(await list(`connection_id=${daraja}&state=processed`)).toEqual([again, processed]);
    const first = await api.call("GET", "/v1/callbacks?state=processed&limit=1", { key: other.key });
    expect(await list(`state=processed&limit=1&cursor=${first.json.next_cursor}`)).toEqual([processed]);
    expect((await api.call("GET", "/v1/callbacks?state=done")).status).toBe(422);
  });
});
