import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseId } from "../../src/domain/ids.ts";
import { type Json, startApi, type TestApi } from "./harness.ts";
import { seeder } from "./seed.ts";

let api: TestApi;
let seed: ReturnType<typeof seeder>;
let merchant: { id: string; key: string };
let endpointId: string;
let connectionId: string;
beforeAll(async () => {
  api = await startApi();
  seed = seeder(api.sql);
  merchant = await api.newMerchant();
  const { key } = merchant;
  endpointId = (await api.call("POST", "/v1/endpoints", { key, body: { url: "https://a.example" } })).json.id;
  connectionId = (
    await api.call("POST", "/v1/connections", { key, body: { provider: "daraja", environment: "sandbox" } })
  ).json.id;
});
afterAll(() => api.close());

const call = (method: string, path: string, body?: unknown) =>
  api.call(method, path, { key: merchant.key, ...(body !== undefined && { body }) });
const ids = async (path: string) => (await call("GET", path)).json.data.map(({ id }: Json) => id);

describe("events", () => {
  it("are shown exactly as they are delivered, and found by type and transaction", async () => {
    const transactionId = await seed.transaction({ merchantId: merchant.id, connectionId });
    const paid = await seed.event(merchant.id, {
      type: "payment.completed",
      transactionId,
      sequence: 1,
      data: { a: 1 },
    });
    const failed = await seed.event(merchant.id, { type: "payment.failed", transactionId, sequence: 2 });
    const chat = await seed.event(merchant.id, { type: "chat.message_received" });
    const [row] = await api.sql`select body from events where id = ${parseId("event", paid)!}`;
    expect((await call("GET", `/v1/events/${paid}`)).json).toEqual(JSON.parse(row!.body));
    expect(await ids("/v1/events")).toEqual([chat, failed, paid]);
    expect(await ids("/v1/events?type=payment.completed")).toEqual([paid]);
    expect(await ids("/v1/events?type=payment.*")).toEqual([failed, paid]);
    expect(await ids("/v1/events?type=*")).toEqual([chat, failed, paid]);
    expect(await ids(`/v1/events?transaction_id=${transactionId}`)).toEqual([failed, paid]);
    expect((await call("GET", "/v1/events?type=payment.%25")).status).toBe(422);
  });
});

describe("deliveries", () => {
  it("list their attempts and the next one", async () => {
    const eventId = await seed.event(merchant.id);
    const due = new Date("2030-01-01T00:00:00.000Z");
    const id = await seed.delivery({ merchantId: merchant.id, endpointId, eventId }, { attempts: 2, dueAt: due });
    const { json } = await call("GET", `/v1/deliveries/${id}`);
    expect(json).toMatchObject({
      id,
      endpoint_id: endpointId,
      event_id: eventId,
      event_type: "endpoint.test",
      state: "pending",
      attempt_count: 2,
      next_attempt_at: due.toISOString(),
    });
    expect(json.attempts).toEqual(
      [1, 2].map(attempt => ({
        attempt,
        started_at: expect.any(String),
        latency_ms: 12,
        status: 500,
        error: "answered 500",
        answer: "oops",
      })),
    );
  });

  it("that wait behind earlier ones show when they are due", async () => {
    const transactionId = await seed.transaction({ merchantId: merchant.id, connectionId });
    const eventId = await seed.event(merchant.id, { type: "payment.pending", transactionId, sequence: 1 });
    const owner = { merchantId: merchant.id, endpointId, eventId };
    const due = new Date("2030-01-01T00:00:00.000Z");
    const waiting = await seed.delivery(owner, { dueAt: due, orderKey: transactionId });
    const { json } = await call("GET", `/v1/deliveries/${waiting}`);
    expect(json.next_attempt_at).toBe(due.toISOString());
  });

  it("filter by state, endpoint and event", async () => {
    const other = (await call("POST", "/v1/endpoints", { url: "https://b.example" })).json.id;
    const eventId = await seed.event(merchant.id);
    const failed = await seed.delivery({ merchantId: merchant.id, endpointId: other, eventId }, { state: "failed" });
    const done = await seed.delivery({ merchantId: merchant.id, endpointId: other, eventId }, { state: "delivered" });
    expect(await ids(`/v1/deliveries?endpoint_id=${other}`)).toEqual([done, failed]);
    expect(await ids(`/v1/deliveries?endpoint_id=${other}&state=failed`)).toEqual([failed]);
    expect(await ids(`/v1/deliveries?event_id=${eventId}&state=delivered`)).toEqual([done]);
    expect((await call("GET", "/v1/deliveries?state=lost")).status).toBe(422);
  });

  it("are sent again, or the response says why not", async () => {
    const { id: target } = (await call("POST", "/v1/endpoints", { url: "https://c.example" })).json;
    const eventId = await seed.event(merchant.id);
    const owner = { merchantId: merchant.id, endpointId: target, eventId };
    const id = await seed.delivery(owner, { state: "failed", attempts: 1 });
    const retry = () => call("POST", `/v1/deliveries/${id}/retry`);
    api.woken.deliver.length = 0;
    const again = await retry();
    expect([again.status, again.json.id, again.json.state]).toEqual([202, id, "pending"]);
    expect(api.woken.deliver).toEqual([parseId("endpoint", target)]);
    const uuid = parseId("delivery", id)!;
    await api.sql`update delivery_queue set lease_id = ${uuid}, due_at = now() + interval '1 minute' where delivery_id = ${uuid}`;
    const details = [(await retry()).json.detail];
    await call("PATCH", `/v1/endpoints/${target}`, { enabled: false });
    details.push((await retry()).json.detail);
    await call("DELETE", `/v1/endpoints/${target}`);
    details.push((await retry()).json.detail);
    expect(details).toEqual(["being sent", "disabled", "deleted"].map(word => expect.stringContaining(word)));
  });
});

describe("replays", () => {
  const times = { created_after: "2025-10-18T00:00:00Z", created_before: "2025-10-19T00:00:00Z" };

  it("send the chosen events of a period again, and return their number", async () => {
    const { id: target } = (await call("POST", "/v1/endpoints", { url: "https://d.example" })).json;
    const chosen = await seed.event(merchant.id, { type: "payment.completed" });
    await seed.event(merchant.id, { type: "payout.completed" });
    const before = new Date(Date.now() + 60_000).toISOString();
    api.woken.deliver.length = 0;
    const { status, json } = await call("POST", "/v1/replays", {
      endpoint_id: target,
      event_types: ["payment.completed"],
      created_after: "2025-10-18T00:00:00Z",
      created_before: before,
    });
    expect(status).toBe(202);
    const sent = await ids(`/v1/deliveries?endpoint_id=${target}`);
    expect(json).toEqual({
      id: expect.stringMatching(/^rpl_/),
      endpoint_id: target,
      event_types: ["payment.completed"],
      created_after: "2025-10-18T00:00:00.000Z",
      created_before: before,
      events: sent.length,
    });
    const last = (await call("GET", `/v1/deliveries/${sent[0]}`)).json;
    expect([last.event_id, api.woken.deliver]).toEqual([chosen, [parseId("endpoint", target)]]);
    const { json: open } = await call("POST", "/v1/replays", {
      endpoint_id: endpointId,
      created_after: times.created_after,
    });
    expect([open.event_types, open.created_before]).toEqual([["*"], null]);
  });

  it("require an enabled endpoint, and a period that ends after it begins", async () => {
    const path = "/v1/replays";
    const backwards = { created_after: times.created_before, created_before: times.created_after };
    expect((await call("POST", path, { endpoint_id: endpointId, ...backwards })).status).toBe(422);
    expect((await call("POST", path, { endpoint_id: endpointId })).status).toBe(422);
    expect((await call("POST", path, { endpoint_id: "end_0199f3b0c4d17a3e8f0a1b2c3d4e5f60", ...times })).status).toBe(
      404,
    );
    await call("PATCH", `/v1/endpoints/${endpointId}`, { enabled: false });
    expect((await call("POST", path, { endpoint_id: endpointId, ...times })).status).toBe(409);
    await call("PATCH", `/v1/endpoints/${endpointId}`, { enabled: true });
  });
});
