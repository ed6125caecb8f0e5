import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Route } from "../../src/api/route.ts";
import { routes } from "../../src/api/routes.ts";
import { startApi, type TestApi } from "./harness.ts";
import { seeder } from "./seed.ts";

let api: TestApi;
let stranger: { id: string; key: string; keyId: string };
/** One thing of every kind, all of one merchant. */
const ids: Record<string, string> = {};

beforeAll(async () => {
  api = await startApi();
  const seed = seeder(api.sql);
  const owner = await api.newMerchant("Owner");
  const { key } = owner;
  stranger = await api.newMerchant("Stranger");
  ids.merchant = owner.id;
  ids.apiKey = owner.keyId;
  ids.connection = (
    await api.call("POST", "/v1/connections", { key, body: { provider: "daraja", environment: "sandbox" } })
  ).json.id;
  ids.endpoint = (await api.call("POST", "/v1/endpoints", { key, body: { url: "https://a.example" } })).json.id;
  const belongs = { merchantId: owner.id, connectionId: ids.connection!, endpointId: ids.endpoint! };
  ids.transaction = await seed.transaction(belongs);
  ids.callback = await seed.callback(belongs, { state: "processed" });
  ids.event = await seed.event(owner.id);
  ids.delivery = await seed.delivery({ ...belongs, eventId: ids.event }, { state: "failed" });
  ids.session = await seed.session(belongs);
  ids.statement = await seed.statement(belongs);
  ids.lookup = await seed.lookup(belongs);
  await api.call("PATCH", `/v1/connections/${ids.connection}`, { key, body: { settings: { approve_above: "1.00" } } });
  const decision = { status: "completed", note: "Seen." };
  const asked = await api.call("POST", `/v1/transactions/${ids.transaction}/resolve`, { key, body: decision });
  ids.approval = asked.json.approval.id;
  const channel = { kind: "slack", url: "https://hooks.example/channel" };
  ids.alertChannel = (await api.call("POST", "/v1/alert-channels", { key, body: channel })).json.id;
  ids.alert = await seed.alert(belongs);
  ids.operator = (await api.call("POST", "/v1/operators", { body: { name: "Wanjiru", role: "viewer" } })).json.id;
});
afterAll(() => api.close());

/** The call on the owner's things, with a body that would work. */
function aimed(route: Route) {
  const path = Object.entries(route.ids ?? {}).reduce(
    (at, [name, kind]) => at.replace(`{${name}}`, ids[kind]!),
    route.path,
  );
  const bodies: Record<string, object> = {
    createConnection: { merchant_id: ids.merchant, provider: "daraja", environment: "sandbox" },
    createEndpoint: { merchant_id: ids.merchant, url: "https://a.example" },
    createAlertChannel: { merchant_id: ids.merchant, kind: "slack", url: "https://hooks.example/channel" },
    registerTransaction: { connection_id: ids.connection, kind: "stk_push", reference: "ORDER-1" },
    createReplay: { endpoint_id: ids.endpoint, created_after: "2025-10-18T00:00:00Z" },
  };
  if (route.file) {
    const headers = { "content-type": route.file[0]! };
    return { path: `${path}?connection_id=${ids.connection}`, body: "Receipt No.", headers };
  }
  const isStart = route.idempotency === "for good";
  const owned =
    route.name === "startReversal" ? { transaction_id: ids.transaction } : { connection_id: ids.connection };
  const body = bodies[route.name] ?? (isStart ? { ...(route.example as object), ...owned } : route.example) ?? {};
  return {
    path,
    ...(route.method !== "GET" && route.method !== "DELETE" && { body }),
    ...(isStart && { headers: { "idempotency-key": "order-1" } }),
  };
}

/** The parameters that a list cannot do without; the seeded transaction has no money that moved. */
const neededBy: Record<string, Record<string, string>> = {
  getTotals: { from: "2025-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z", group_by: "status" },
};

/** The stream lists nothing: its own tests show whose events it says. Providers are everybody's. */
const apart = ["streamEvents", "listProviders"];
const lists = routes.filter(
  route => route.method === "GET" && !route.ids && route.access === "any" && !apart.includes(route.name),
);
const others = routes.filter(route => !lists.includes(route) && !apart.includes(route.name));

describe("another merchant's key", () => {
  it.each(others.map(route => [route.name, route] as const))("finds nothing: %s", async (_, route) => {
    const { path, ...options } = aimed(route);
    const before = await everything();
    const { status, text } = await api.call(route.method, path, { key: stranger.key, ...options });
    expect(status).toBe(route.access === "admin" ? 403 : 404);
    expect(Object.values(ids).some(id => text.includes(id))).toBe(false);
    expect(await everything()).toEqual(before);
  });

  it.each(lists.map(route => [route.name, route] as const))("lists nothing: %s", async (name, route) => {
    const path = `${route.path}?${new URLSearchParams(route.name === "search" ? { q: ids.transaction! } : neededBy[route.name])}`;
    const own = await api.call("GET", path, { key: stranger.key });
    expect(own.status).toBe(200);
    expect(Object.values(ids).some(id => own.text.includes(id))).toBe(false);
    const named = await api.call("GET", `${path}&merchant_id=${ids.merchant}`, { key: stranger.key });
    expect(named.status).toBe(404);
    const admin = await api.call("GET", `${path}&merchant_id=${ids.merchant}`);
    // A table as text has the names of its columns, and a line for each thing.
    const found = admin.json?.data.length ?? admin.text.trim().split("\n").length - 1;
    expect(found, name).toBeGreaterThan(0);
  });

  it("gets the same response for another merchant's ids as for unknown ids", async () => {
    for (const route of others) {
      const { path, ...options } = aimed(route);
      const nobodys = Object.entries(route.ids ?? {}).reduce(
        (at, [, kind]) =>
          at.replace(ids[kind]!, ids[kind]!.slice(0, -4) + (ids[kind]!.endsWith("0000") ? "1111" : "0000")),
        path,
      );
      if (nobodys === path) continue;
      const [one, two] = [
        await api.call(route.method, path, { key: stranger.key, ...options }),
        await api.call(route.method, nobodys, { key: stranger.key, ...options }),
      ];
      const { request_id: _a, ...a } = one.json;
      const { request_id: _b, ...b } = two.json;
      expect(a, route.name).toEqual(b);
    }
  });
});

/** Whatever a call could have changed. */
async function everything() {
  const [counts] = await api.sql`
    select (select count(*) from audit) as audit, (select count(*) from api_keys where deleted_at is null) as keys,
      (select count(*) from connections where deleted_at is null) as connections,
      (select count(*) from connection_tokens) as tokens, (select count(*) from endpoints where deleted_at is null) as endpoints,
      (select max(updated_at) from connections) as c, (select max(updated_at) from endpoints) as e,
      (select count(*) from endpoint_secrets) as secrets, (select count(*) from merchants) as merchants,
      (select count(*) from transactions) as transactions, (select count(*) from evidence) as evidence,
      (select count(*) from starts) as starts,
      (select count(*) from statements) as statements, (select count(*) from statement_parts) as parts,
      (select count(*) from lookups) as lookups, (select count(*) from events) as events, (select count(*) from deliveries) as deliveries,
      (select count(*) from delivery_queue) as queued, (select count(*) from inbox_queue) as inbox`;
  return counts;
}
