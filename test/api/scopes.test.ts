import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scopes } from "../../src/api/caller.ts";
import { roleOf, scopeOf } from "../../src/api/permission.ts";
import { routes } from "../../src/api/routes.ts";
import { createTokenBuckets } from "../../src/batch/token-bucket.ts";
import { hashToken } from "../../src/database/encryption.ts";
import { parseId } from "../../src/domain/ids.ts";
import { type Json, startApi, type TestApi } from "./harness.ts";

let api: TestApi;
let merchant: Awaited<ReturnType<TestApi["newMerchant"]>>;
beforeAll(async () => {
  api = await startApi();
  merchant = await api.newMerchant();
});
afterAll(() => api.close());

const keysPath = () => `/v1/merchants/${merchant.id}/api-keys`;

async function keyWith(body: Record<string, unknown>, key?: string): Promise<Json> {
  const made = await api.call("POST", keysPath(), { body: { name: "narrow", ...body }, ...(key && { key }) });
  expect(made.status, made.text).toBe(201);
  return made.json;
}

/** A path with ids of things that do not exist. */
const missing = (path: string) => path.replace(/\{\w+\}/g, "nothing");

describe("the scope of a key", () => {
  it.each(scopes)(
    "%s lets in to its own calls, and to no other, before body and existence are looked at",
    async scope => {
      const { key } = await keyWith({ scopes: [scope] });
      for (const route of routes) {
        const { status, json } = await api.call(route.method, missing(route.path), { key, body: undefined });
        const where = `${route.name} with ${scope}`;
        if (route.access === "admin") expect([status, json?.type], where).toEqual([403, "admin-needed"]);
        else if (scopeOf(route) === scope) expect(status, where).not.toBe(403);
        else {
          expect([status, json.type], where).toEqual([403, "missing-scope"]);
          expect(json.detail, where).toContain(scopeOf(route));
        }
      }
    },
  );

  it("is in the document: who may call, and what it needs", async () => {
    const document = (await api.call("GET", "/openapi.json")).json;
    for (const route of routes) {
      const { security, responses } = document.paths[route.path][route.method.toLowerCase()];
      const merchants = route.access === "admin" ? [] : [{ merchantKey: [scopeOf(route)] }];
      expect(security, route.name).toEqual([{ adminKey: [roleOf(route)] }, ...merchants]);
      expect(Object.keys(responses), route.name).toEqual(expect.arrayContaining(["401", "403", "429"]));
    }
  });
});

describe("a key made by a key", () => {
  it("has no more scopes than its maker, and the same ones where none are named", async () => {
    const maker = await keyWith({ scopes: ["manage", "read"] });
    expect((await keyWith({}, maker.key)).scopes).toEqual(["read", "manage"]);
    expect((await keyWith({ scopes: ["read"] }, maker.key)).created_by).toBe(maker.id);
    const refused = await api.call("POST", keysPath(), { key: maker.key, body: { name: "x", scopes: ["decide"] } });
    expect([refused.status, refused.json.type]).toEqual([403, "missing-scope"]);
    expect(refused.json.detail).toContain("decide");
  });

  it("does not outlive its maker", async () => {
    const soon = new Date(Date.now() + 60_000).toISOString();
    const maker = await keyWith({ expires_at: soon });
    expect((await keyWith({}, maker.key)).expires_at).toBe(soon);
    const later = new Date(Date.now() + 120_000).toISOString();
    const refused = await api.call("POST", keysPath(), { key: maker.key, body: { name: "x", expires_at: later } });
    expect([refused.status, refused.json.errors[0].path]).toEqual([422, "expires_at"]);
  });

  it("cannot be made without manage, nor with an end in the past", async () => {
    const { key } = await keyWith({ scopes: ["read", "decide"] });
    expect((await api.call("POST", keysPath(), { key, body: { name: "x" } })).json.type).toBe("missing-scope");
    const past = { name: "x", expires_at: "2020-01-01T00:00:00Z" };
    expect((await api.call("POST", keysPath(), { body: past })).status).toBe(422);
  });
});

describe("an expired key", () => {
  it("is refused at its end, although it was used just before", async () => {
    const made = await keyWith({ expires_at: new Date(Date.now() + 3_600_000).toISOString() });
    const ask = () => api.call("GET", "/v1/merchants", { key: made.key });
    expect((await ask()).status).toBe(200);
    const cached = api.deps.keys.get(hashToken(made.key).toString("hex"))!;
    expect(cached).toMatchObject({ kind: "merchant", expiresAt: expect.any(Date) });
    Object.assign(cached, { expiresAt: new Date(Date.now() - 1) });
    expect((await ask()).status).toBe(401);
    api.deps.keys.clear();
    await api.sql`update api_keys set expires_at = now() where id = ${parseId("apiKey", made.id)}`;
    expect((await ask()).status).toBe(401);
  });
});

describe("limits", () => {
  it("of keys, connections and endpoints answer 422 limit-reached, whichever key asks", async () => {
    const { id, key } = await api.newMerchant("Small");
    const limits = { ...api.deps.limits };
    Object.assign(api.deps.limits, { keys: 2, connections: 1, endpoints: 1 });
    try {
      const calls: [string, object][] = [
        [`/v1/merchants/${id}/api-keys`, { name: "second" }],
        ["/v1/connections", { provider: "daraja", environment: "sandbox" }],
        ["/v1/endpoints", { url: "https://a.example" }],
      ];
      for (const [path, body] of calls) {
        const both = await Promise.all([1, 2].map(() => api.call("POST", path, { key, body })));
        expect(both.map(({ status }) => status).sort(), path).toEqual([201, 422]);
        const refused = await api.call("POST", path, {
          body: path.endsWith("keys") ? body : { merchant_id: id, ...body },
        });
        expect([refused.status, refused.json.type], path).toEqual([422, "limit-reached"]);
      }
    } finally {
      Object.assign(api.deps.limits, limits);
    }
  });

  it("of calls are a burst and an average: 429 with Retry-After, the admin excepted", async () => {
    const small = await startApi({
      rate: createTokenBuckets({ perS: 1, burst: 3, keysMax: 10, nowMs: () => 0 }),
    });
    try {
      const { key } = await small.newMerchant();
      const statuses = [];
      for (let n = 0; n < 4; n += 1) statuses.push(await small.call("GET", "/v1/merchants", { key }));
      expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
      expect(statuses[3]!.headers.get("retry-after")).toBe("1");
      for (let n = 0; n < 5; n += 1) expect((await small.call("GET", "/v1/merchants")).status).toBe(200);
    } finally {
      await small.close();
    }
  });

  it("fill again with time", () => {
    let nowMs = 0;
    const buckets = createTokenBuckets({ perS: 100, burst: 400, keysMax: 10, nowMs: () => nowMs });
    const take = (count: number) => Array.from({ length: count }, () => buckets.take("key")).filter(wait => wait === 0);
    expect(take(500)).toHaveLength(400);
    nowMs += 1_000;
    expect(take(500)).toHaveLength(100);
    nowMs += 60_000;
    expect(take(500)).toHaveLength(400);
    expect(buckets.take("other")).toBe(0);
  });
});
