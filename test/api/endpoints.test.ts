import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventTypes } from "../../src/api/endpoints/event-types.ts";
import { sealContext } from "../../src/database/seal-contexts.ts";
import { parseId, publicId } from "../../src/domain/ids.ts";
import { type Called, startApi, type TestApi } from "./harness.ts";
import { seeder } from "./seed.ts";

let api: TestApi;
let merchant: { id: string; key: string };
let seed: ReturnType<typeof seeder>;
beforeAll(async () => {
  api = await startApi();
  merchant = await api.newMerchant();
  seed = seeder(api.sql);
});
afterAll(() => api.close());

const create = (body: object = {}) =>
  api.call("POST", "/v1/endpoints", { key: merchant.key, body: { url: "https://shop.example.com/hooks", ...body } });
const patch = (id: string, body: object) => api.call("PATCH", `/v1/endpoints/${id}`, { key: merchant.key, body });
const get = async (id: string) => (await api.call("GET", `/v1/endpoints/${id}`, { key: merchant.key })).json;
const errorsOf = (called: Called) => called.json.errors.map(({ path }: { path: string }) => path);
const secretsOf = async (id: string) => {
  const rows = await api.sql<{ id: string; secret: string; left_s: number | null }[]>`
    select id, secret, extract(epoch from expires_at - now())::float8 as left_s
    from endpoint_secrets where endpoint_id = ${parseId("endpoint", id)!} order by id`;
  return rows.map(row => ({ ...row, secret: api.deps.box.open(row.secret, sealContext.endpointSecret(row.id)) }));
};

describe("creating", () => {
  it("returns the endpoint and, in this response only, its secret", async () => {
    const { status, json } = await create({
      event_types: ["payment.*", "payout.failed"],
      description: "Orders",
      retry_schedule_s: [5, 30],
      rate_limit_per_s: 10,
      headers: { "X-Api-Key": "header-secret-1", Authorization: "Bearer header-secret-2" },
    });
    expect(status).toBe(201);
    expect(json).toMatchObject({
      merchant_id: merchant.id,
      url: "https://shop.example.com/hooks",
      event_types: ["payment.*", "payout.failed"],
      description: "Orders",
      retry_schedule_s: [5, 30],
      rate_limit_per_s: 10,
      headers: ["authorization", "x-api-key"],
      enabled: true,
    });
    expect(json.secret).toMatch(/^whsec_/);
    const { secret: _, ...shown } = json;
    expect(await get(json.id)).toMatchObject(shown);
    expect(await get(json.id)).not.toHaveProperty("secret");
    expect((await secretsOf(json.id)).map(({ secret }) => secret)).toEqual([json.secret]);
    const [row] = await api.sql`select headers from endpoints where id = ${parseId("endpoint", json.id)!}`;
    const headers = api.deps.box.open(row!.headers, sealContext.endpointHeaders(parseId("endpoint", json.id)!));
    expect(JSON.parse(headers)).toEqual({ "x-api-key": "header-secret-1", authorization: "Bearer header-secret-2" });
  });

  it("sends every event by default", async () => {
    const { json } = await create();
    expect(json).toMatchObject({
      event_types: ["*"],
      description: null,
      retry_schedule_s: null,
      rate_limit_per_s: null,
    });
  });

  it("takes production events unless it says sandbox or any, and a patch changes it", async () => {
    expect((await create()).json.environment).toBe("production");
    expect((await create({ environment: null })).json.environment).toBe("production");
    const { json } = await create({ environment: "sandbox" });
    expect([json.environment, (await get(json.id)).environment]).toEqual(["sandbox", "sandbox"]);
    expect((await patch(json.id, { environment: "any" })).json.environment).toBe("any");
    expect((await patch(json.id, { description: "x" })).json.environment).toBe("any");
    expect((await patch(json.id, { environment: null })).json.environment).toBe("production");
    const wrong = await create({ environment: "test" });
    expect([wrong.status, errorsOf(wrong)]).toEqual([422, ["environment"]]);
  });

  it("knows every event type of the contract", async () => {
    const { status } = await create({ event_types: eventTypes.slice(0, 100) });
    expect(status).toBe(201);
    for (const type of [
      "payment.completed",
      "payment.partially_refunded",
      "payout.partially_refunded",
      "message.failed",
      "transaction.merged",
      "ussd.session_ended",
      "endpoint.disabled",
    ]) {
      expect(eventTypes).toContain(type);
    }
    for (const type of ["transaction.*", "chat.*", "ussd.*", "endpoint.*"]) {
      expect((await create({ event_types: [type] })).status, type).toBe(201);
    }
  });

  it("names every field that is wrong", async () => {
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`x-${i}`, "v"]));
    const cases: [object, string][] = [
      [{ url: undefined }, "url"],
      [{ url: "shop.example.com" }, "url"],
      [{ url: "http://shop.example.org:port" }, "url"],
      [{ url: "https://10.0.0.1/x" }, "url"],
      [{ url: "https://[::ffff:169.254.169.254]/" }, "url"],
      [{ url: "https://user:pass@shop.example.com" }, "url"],
      [{ event_types: [] }, "event_types"],
      [{ event_types: ["payments.*"] }, "event_types.0"],
      [{ event_types: ["payment.*", "payment.done"] }, "event_types.1"],
      [{ event_types: "*" }, "event_types"],
      [{ retry_schedule_s: [0] }, "retry_schedule_s.0"],
      [{ retry_schedule_s: [1.5] }, "retry_schedule_s.0"],
      [{ rate_limit_per_s: 0 }, "rate_limit_per_s"],
      [{ enabled: "yes" }, "enabled"],
      [{ secret: "whsec_mine" }, "secret"],
      [{ headers: many }, "headers"],
      [{ headers: { "x-a": "1", "X-A": "2" } }, "headers.X-A"],
      ...[
        "webhook-id",
        "Hakika-Environment",
        "Webhook-Signature",
        "content-type",
        "Content-Length",
        "Host",
        "connection",
        "transfer-encoding",
        "user-agent",
        "proxy-authorization",
        "te",
        "upgrade",
        "bad name",
      ].map((name): [object, string] => [{ headers: { [name]: "v" } }, `headers.${name}`]),
      [{ headers: { "x-a": "a\r\nb" } }, "headers.x-a"],
    ];
    for (const [body, path] of cases) {
      const called = await create(body);
      expect([called.status, called.status === 422 && errorsOf(called)], JSON.stringify(body)).toEqual([422, [path]]);
    }
  });
});

describe("changing", () => {
  it("merges, and restores defaults with null", async () => {
    const { json } = await create({ description: "a", retry_schedule_s: [1], headers: { "X-One": "1", "x-two": "2" } });
    const { status, json: changed } = await patch(json.id, {
      url: "https://shop.example.com/other",
      description: null,
      retry_schedule_s: null,
      headers: { "x-ONE": null, "x-three": "3" },
      rate_limit_per_s: 5,
    });
    expect(status).toBe(200);
    expect(changed).toMatchObject({
      url: "https://shop.example.com/other",
      description: null,
      retry_schedule_s: null,
      headers: ["x-three", "x-two"],
      rate_limit_per_s: 5,
      event_types: ["*"],
    });
    expect((await patch(json.id, { headers: null, event_types: ["chat.*"] })).json).toMatchObject({
      headers: [],
      event_types: ["chat.*"],
    });
    expect((await patch(json.id, { event_types: null })).json.event_types).toEqual(["*"]);
  });

  it("refuses a patch whose result is invalid", async () => {
    const { json } = await create();
    for (const body of [{ url: null }, { url: "https://127.1/" }, { enabled: null }, { merchant_id: merchant.id }]) {
      const called = await patch(json.id, body);
      expect([called.status, JSON.stringify(body)]).toEqual([
        body.url === "https://127.1/" ? 200 : 422,
        JSON.stringify(body),
      ]);
    }
  });

  it("notifies the caches", async () => {
    const { json } = await create();
    api.changes.length = 0;
    await patch(json.id, { description: "x" });
    await api.call("POST", `/v1/endpoints/${json.id}/rotate-secret`);
    await api.call("DELETE", `/v1/endpoints/${json.id}`);
    const notice = { endpointId: parseId("endpoint", json.id), merchantId: parseId("merchant", merchant.id) };
    expect(api.changes).toEqual([notice, notice, notice]);
  });
});

describe("disabling and enabling", () => {
  it("shows since when and why, and clears the failure when enabled", async () => {
    const { json } = await create();
    const off = (await patch(json.id, { enabled: false })).json;
    expect(off).toMatchObject({ enabled: false, disabled_reason: "disabled by the merchant" });
    expect(off.disabled_at).not.toBeNull();
    expect((await get(json.id)).health.state).toBe("disabled");
    await api.sql`update endpoints set failing_since = now() where id = ${parseId("endpoint", json.id)!}`;
    const on = (await patch(json.id, { enabled: true })).json;
    expect(on).toMatchObject({ enabled: true, disabled_reason: null, disabled_at: null });
    expect((await get(json.id)).health).toMatchObject({ state: "healthy", failing_since: null });
  });

  it("changes nothing where the endpoint is disabled already", async () => {
    const { json } = await create({ enabled: false });
    const again = (await patch(json.id, { enabled: false, description: "x" })).json;
    expect(again.disabled_at).toBe(json.disabled_at);
  });
});

describe("health", () => {
  it("counts pending deliveries", async () => {
    const { json } = await create();
    for (const dueAt of [new Date(), new Date("2030-01-01T00:00:00Z")]) {
      const eventId = await seed.event(merchant.id);
      await seed.delivery({ merchantId: merchant.id, endpointId: json.id, eventId }, { dueAt });
    }
    expect((await get(json.id)).health.pending).toBe(2);
  });

  it("shows since when it fails", async () => {
    const { json } = await create();
    expect(json).not.toHaveProperty("health");
    expect((await get(json.id)).health).toEqual({
      state: "healthy",
      failing_since: null,
      last_success_at: null,
      last_failure_at: null,
      pending: 0,
    });
    await api.sql`
      update endpoints set failing_since = '2025-10-18T20:30:26Z', last_failure_at = '2025-10-18T20:31:26Z',
        last_success_at = '2025-10-17T20:30:26Z' where id = ${parseId("endpoint", json.id)!}`;
    expect((await get(json.id)).health).toEqual({
      state: "failing",
      failing_since: "2025-10-18T20:30:26.000Z",
      last_success_at: "2025-10-17T20:30:26.000Z",
      last_failure_at: "2025-10-18T20:31:26.000Z",
      pending: 0,
    });
  });
});

describe("secrets", () => {
  const rotate = (id: string, body?: object) =>
    api.call("POST", `/v1/endpoints/${id}/rotate-secret`, { key: merchant.key, ...(body && { body }) });

  it("sign side by side for a day by default", async () => {
    const { json } = await create();
    const rotated = await rotate(json.id);
    expect([rotated.status, rotated.json.secret !== json.secret]).toEqual([200, true]);
    const [old, fresh] = await secretsOf(json.id);
    expect([old!.secret, fresh!.secret, fresh!.left_s]).toEqual([json.secret, rotated.json.secret, null]);
    expect(old!.left_s).toBeGreaterThan(86_000);
    expect(old!.left_s).toBeLessThanOrEqual(86_400);
  });

  it("expire at once with an overlap of 0, and never later because of a later rotation", async () => {
    const { json } = await create();
    await rotate(json.id, { overlap_s: 60 });
    await rotate(json.id, { overlap_s: 600 });
    const [first, second] = await secretsOf(json.id);
    expect(first!.left_s).toBeLessThanOrEqual(60);
    expect(second!.left_s).toBeGreaterThan(500);
    await rotate(json.id, { overlap_s: 0 });
    const lefts = (await secretsOf(json.id)).map(({ left_s }) => left_s);
    expect(lefts.slice(0, 3).every(left => left !== null && left <= 0)).toBe(true);
    expect(lefts[3]).toBeNull();
  });

  it("are limited in number, for each adds a signature to every request", async () => {
    const { json } = await create();
    for (let i = 0; i < 9; i += 1) expect((await rotate(json.id)).status).toBe(200);
    expect((await rotate(json.id)).status).toBe(409);
    expect((await rotate(json.id, { overlap_s: 0 })).status).toBe(200);
  });
});

describe("deleting", () => {
  it("expires the secrets and keeps the deliveries", async () => {
    const { json } = await create();
    const owner = { merchantId: merchant.id, endpointId: json.id };
    const delivered = await seed.delivery({ ...owner, eventId: await seed.event(merchant.id) }, { state: "delivered" });
    expect((await api.call("DELETE", `/v1/endpoints/${json.id}`, { key: merchant.key })).status).toBe(204);
    expect((await api.call("GET", `/v1/endpoints/${json.id}`)).status).toBe(404);
    const { json: kept } = await api.call("GET", `/v1/deliveries/${delivered}`, { key: merchant.key });
    expect([kept.state, kept.endpoint_id]).toEqual(["delivered", json.id]);
    expect((await secretsOf(json.id)).every(({ left_s }) => left_s !== null && left_s <= 0)).toBe(true);
  });
});

describe("calls that send", () => {
  it("queue a test event and failed deliveries, and nothing for a disabled endpoint", async () => {
    const { json } = await create();
    const failed = await seed.delivery(
      { merchantId: merchant.id, endpointId: json.id, eventId: await seed.event(merchant.id) },
      { state: "failed" },
    );
    api.woken.deliver.length = 0;
    const tested = await api.call("POST", `/v1/endpoints/${json.id}/test`, { key: merchant.key });
    expect([tested.status, Object.keys(tested.json)]).toEqual([202, ["event_id", "delivery_id"]]);
    const since = "2025-10-18T23:30:26+03:00";
    const recovered = await api.call("POST", `/v1/endpoints/${json.id}/recover`, {
      key: merchant.key,
      body: { since },
    });
    expect([recovered.status, recovered.json]).toEqual([202, { requeued: 1 }]);
    const queued = await api.sql<{ id: string }[]>`
      select delivery_id as id from delivery_queue where endpoint_id = ${parseId("endpoint", json.id)!}`;
    expect(queued.map(({ id }) => publicId("delivery", id)).sort()).toEqual([failed, tested.json.delivery_id].sort());
    expect(api.woken.deliver).toEqual(Array(2).fill(parseId("endpoint", json.id)));
    await patch(json.id, { enabled: false });
    expect((await api.call("POST", `/v1/endpoints/${json.id}/test`)).status).toBe(409);
    expect((await api.call("POST", `/v1/endpoints/${json.id}/recover`, { body: { since } })).status).toBe(409);
    for (const wrong of [{}, { since: "yesterday" }, { since: "2025-10-18" }, { since: "2025-10-18T20:30:26" }]) {
      const called = await api.call("POST", `/v1/endpoints/${json.id}/recover`, { body: wrong });
      expect([called.status, errorsOf(called)]).toEqual([422, ["since"]]);
    }
  });
});

describe("lists", () => {
  it("filter by whether they are enabled", async () => {
    const other = await api.newMerchant();
    for (const enabled of [true, false, false]) {
      await api.call("POST", "/v1/endpoints", { key: other.key, body: { url: "https://a.example", enabled } });
    }
    const count = async (query: string) =>
      (await api.call("GET", `/v1/endpoints?${query}`, { key: other.key })).json.data.length;
    expect([await count("enabled=true"), await count("enabled=false"), await count("")]).toEqual([1, 2, 3]);
  });
});
