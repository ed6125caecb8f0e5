import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newUuid, parseId, publicId, shardOf } from "../../src/domain/ids.ts";
import { type Json, startApi, type TestApi } from "./harness.ts";
import { seeder } from "./seed.ts";

let api: TestApi;
let seed: ReturnType<typeof seeder>;
let merchant: { id: string; key: string; keyId: string };
let connectionId: string;
/** What Daraja's status call needs. */
const credentials = { consumer_key: "ck", consumer_secret: "cs", shortcode: "174379", passkey: "pk" };

beforeAll(async () => {
  api = await startApi();
  seed = seeder(api.sql);
  merchant = await api.newMerchant();
  connectionId = await connect(credentials);
});
afterAll(() => api.close());

async function connect(secrets: object = {}): Promise<string> {
  const body = { provider: "daraja", environment: "sandbox", credentials: secrets };
  return (await api.call("POST", "/v1/connections", { key: merchant.key, body })).json.id;
}
const register = async (body: object): Promise<Json> =>
  (
    await api.call("POST", "/v1/transactions", {
      key: merchant.key,
      body: { connection_id: connectionId, kind: "stk_push", ...body },
    })
  ).json;
const get = async (id: string): Promise<Json> =>
  (await api.call("GET", `/v1/transactions/${id}`, { key: merchant.key })).json;
const at = (seconds: number) => new Date(Date.UTC(2025, 9, 18, 20, 30, seconds));

async function poll(id: string, given: { at: Date; outcome: string; reason?: string; latencyMs?: number }) {
  const uuid = parseId("transaction", id)!;
  const shard = shardOf(uuid);
  await api.sql`
    insert into polls (shard, transaction_id, id, at, outcome, reason, latency_ms)
    values (${shard}, ${uuid}, ${newUuid(shard)}, ${given.at}, ${given.outcome}, ${given.reason ?? null},
      ${given.latencyMs ?? null})`;
}

async function registration(id: string, given: { at: Date; values: object; amendedFrom?: object }) {
  const uuid = parseId("transaction", id)!;
  const shard = shardOf(uuid);
  await api.sql`
    insert into registrations (shard, transaction_id, id, at, by, values, amended_from)
    values (${shard}, ${uuid}, ${newUuid(shard)}, ${given.at},
      ${api.sql.json({ kind: "key", id: merchant.keyId, name: "main" })}, ${api.sql.json(given.values as never)},
      ${given.amendedFrom ? api.sql.json(given.amendedFrom as never) : null})`;
}

describe("the timeline", () => {
  it("shows registrations with their author and what they replaced, and every poll", async () => {
    const id = await seed.transaction({ merchantId: merchant.id, connectionId });
    const first = {
      kind: "stk_push",
      provider_refs: { checkout_request_id: "ws_CO_t1" },
      reference: "T-1",
      amount: "50.00",
      currency: "KES",
      phone: "+254700000001",
      expires_at: null,
    };
    const second = { ...first, amount: "70.00" };
    await registration(id, { at: at(1), values: first });
    await registration(id, { at: at(3), values: second, amendedFrom: first });
    await poll(id, { at: at(2), outcome: "not-yet", latencyMs: 412 });
    await poll(id, { at: at(4), outcome: "unavailable", reason: "HTTP 500" });
    const by = { kind: "key", id: merchant.keyId, name: "main" };
    expect((await get(id)).timeline).toEqual([
      { type: "registration", at: at(1).toISOString(), by, ...first, amended_from: null },
      { type: "poll", at: at(2).toISOString(), outcome: "not-yet", reason: null, latency_ms: 412 },
      { type: "registration", at: at(3).toISOString(), by, ...second, amended_from: first },
      { type: "poll", at: at(4).toISOString(), outcome: "unavailable", reason: "HTTP 500", latency_ms: null },
    ]);
  });

  it("regression: shows evidence with the strength that it counts with, a match for a hint that agrees", async () => {
    const ref = "ws_CO_t2";
    const { id } = await register({ provider_refs: { checkout_request_id: ref }, amount: "50" });
    const success = (minor: string) => ({
      kind: "stk_push",
      refs: { checkout_request_id: ref },
      identity: [`checkout_request_id:${ref}`],
      amount: { minor, currency: "KES" },
    });
    const hint = { source: "callback", strength: "hint", says: "completed" };
    await seed.evidence(id, { ...hint, at: at(1), finding: success("5000") });
    await seed.evidence(id, { ...hint, at: at(2), finding: success("4500") });
    await seed.evidence(id, {
      source: "poll",
      strength: "poll",
      says: "completed",
      at: at(3),
      finding: success("5000"),
    });
    const { timeline } = await get(id);
    const evidence = timeline.filter(({ type }: Json) => type === "evidence");
    expect(evidence.map(({ strength, amount }: Json) => [strength, amount])).toEqual([
      ["match", "50.00"],
      ["hint", "45.00"],
      ["poll", "50.00"],
    ]);
  });

  it("says in words what evidence is about, and links the other transaction", async () => {
    const other = await seed.transaction({ merchantId: merchant.id, connectionId });
    const id = await seed.transaction({ merchantId: merchant.id, connectionId });
    const uuid = parseId("transaction", other)!;
    const finding = (more: object) => ({ kind: "stk_push", refs: {}, identity: [], ...more });
    const callback = { source: "callback", strength: "hint" };
    await seed.evidence(id, { ...callback, says: "nothing", at: at(1), finding: finding({ duplicateOf: uuid }) });
    await seed.evidence(id, { ...callback, says: "refunded", at: at(2), finding: finding({ reversedBy: uuid }) });
    await seed.evidence(id, { ...callback, says: "nothing", at: at(3), finding: finding({ changed: true }) });
    const { timeline } = await get(id);
    expect(timeline.map(({ detail, related }: Json) => [detail, related])).toEqual([
      ["another transaction has the same receipt", [other]],
      ["a reversal gave it back", [other]],
      ["something happened, and the provider is asked what", []],
    ]);
  });

  it("shows reviews of events from before, which have no amounts", async () => {
    const id = await seed.transaction({ merchantId: merchant.id, connectionId });
    const { polling: _p, timeline: _t, ...shown } = await get(id);
    const review = { reason: "conflict", since: at(0).toISOString(), detail: "x" };
    await seed.event(merchant.id, {
      type: "transaction.review_required",
      transactionId: id,
      sequence: 1,
      data: { transaction: { ...shown, review }, previous_status: "pending", sequence: 1, correction: false },
    });
    const [decision] = (await get(id)).timeline;
    expect(decision.review).toEqual({ ...review, expected: null, told: null, related: [] });
  });
});

describe("polling", () => {
  it("says when the provider is polled next, and what came of it last", async () => {
    const { id } = await register({ provider_refs: { checkout_request_id: "ws_CO_p1" }, amount: "50" });
    const fresh = (await get(id)).polling;
    expect(fresh).toEqual({
      next_at: expect.any(String),
      last_at: null,
      last_outcome: null,
      tries: 0,
      ends_at: expect.any(String),
    });
    expect(Date.parse(fresh.next_at)).toBeGreaterThan(Date.now() - 60_000);
    expect(Date.parse(fresh.ends_at)).toBeGreaterThan(Date.parse(fresh.next_at));
    await poll(id, { at: at(1), outcome: "unavailable" });
    await poll(id, { at: at(2), outcome: "not-yet" });
    await api.sql`update poll_queue set tries = 1 where transaction_id = ${parseId("transaction", id)!}`;
    expect((await get(id)).polling).toMatchObject({
      last_at: at(2).toISOString(),
      last_outcome: "not-yet",
      tries: 1,
    });
  });

  it("is null once the transaction is finished, and where the provider cannot be polled", async () => {
    const { id } = await register({ provider_refs: { checkout_request_id: "ws_CO_p2" } });
    await api.call("POST", `/v1/transactions/${id}/resolve`, { body: { status: "failed", note: "Cancelled." } });
    expect((await get(id)).polling).toBe(null);
    const without = await connect();
    const unknown = await register({ connection_id: without, provider_refs: { checkout_request_id: "ws_CO_p3" } });
    expect((await get(unknown.id)).polling).toBe(null);
    const noId = await register({ reference: "P-4" });
    expect((await get(noId.id)).polling).toBe(null);
  });

  it("goes on saying what came of it after it has ended without an answer", async () => {
    const id = await seed.transaction(
      { merchantId: merchant.id, connectionId },
      { status: "unresolved", provider_refs: { checkout_request_id: "ws_CO_p5" } },
    );
    await poll(id, { at: at(2), outcome: "not-found" });
    expect((await get(id)).polling).toEqual({
      next_at: null,
      last_at: at(2).toISOString(),
      last_outcome: "not-found",
      tries: 0,
      ends_at: null,
    });
  });

  it("shows a merged transaction's rows under its own id", async () => {
    const survivor = await seed.transaction({ merchantId: merchant.id, connectionId });
    const merged = await seed.transaction(
      { merchantId: merchant.id, connectionId },
      { merged_into: parseId("transaction", survivor) },
    );
    await poll(merged, { at: at(1), outcome: "deferred" });
    expect((await get(merged)).timeline).toMatchObject([{ type: "poll", outcome: "deferred" }]);
    expect(publicId("transaction", parseId("transaction", survivor)!)).toBe((await get(merged)).id);
  });
});
