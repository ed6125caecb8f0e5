import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KnownKey, makeKeyCache } from "../../src/api/auth/key-cache.ts";
import { hashToken } from "../../src/database/encryption.ts";
import { parseId } from "../../src/domain/ids.ts";
import { adminKey, startApi, type TestApi } from "./harness.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const asked = (headers: Record<string, string>) => api.call("GET", "/v1/merchants", { key: null, headers });

describe("a key", () => {
  it("is required for every path under /v1, also for unknown paths", async () => {
    for (const path of ["/v1/merchants", "/v1", "/v1/nothing", "/v1/merchants/x/y/z"]) {
      const { status, headers } = await api.call("GET", path, { key: null });
      expect([status, headers.get("www-authenticate")], path).toEqual([401, 'Bearer realm="hakika"']);
    }
  });

  it("is refused with the same response, however it is wrong", async () => {
    const merchant = await api.newMerchant();
    const wrong = [
      `${adminKey}x`,
      adminKey.slice(1),
      merchant.key.replace(/.$/, c => (c === "0" ? "1" : "0")),
      `hk_ff${"0".repeat(64)}`,
      "hk_",
      "x".repeat(5000),
    ];
    const answers = await Promise.all(wrong.map(key => api.call("GET", "/v1/merchants", { key })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(new Set(answers.map(({ json }) => json.detail)).size).toBe(1);
  });

  it("is accepted as a bearer token only", async () => {
    for (const authorization of [adminKey, `Basic ${adminKey}`, "Bearer", `Bearer ${adminKey} x`]) {
      expect((await asked({ authorization })).status, authorization).toBe(401);
    }
    expect((await asked({ authorization: `bearer ${adminKey}` })).status).toBe(200);
    expect((await api.call("GET", `/v1/merchants?key=${adminKey}`, { key: null })).status).toBe(401);
  });
});

describe("a merchant's key", () => {
  it("is shown once, stored only as a hash, and contains its shard", async () => {
    const merchant = await api.newMerchant();
    expect(merchant.key).toMatch(/^hk_[0-3][0-9a-f][0-9a-f]{64}$/);
    const [row] = await api.sql`select * from api_keys where id = ${parseId("apiKey", merchant.keyId)}`;
    expect(row!.key_hash).toEqual(hashToken(merchant.key));
    expect(row!.shard).toBe(Number.parseInt(merchant.key.slice(3, 5), 16));
    const list = await api.call("GET", `/v1/merchants/${merchant.id}/api-keys`);
    expect(list.text).not.toContain(merchant.key);
    expect(list.json.data).toEqual([
      {
        id: merchant.keyId,
        name: "main",
        scopes: ["read", "register", "start", "decide", "manage"],
        expires_at: null,
        created_by: "admin",
        last_used_at: null,
        created_at: expect.any(String),
      },
    ]);
  });

  it("creates and deletes keys of its own merchant, itself included", async () => {
    const merchant = await api.newMerchant();
    const path = `/v1/merchants/${merchant.id}/api-keys`;
    const second = await api.call("POST", path, { key: merchant.key, body: { name: "second" } });
    expect(second.status).toBe(201);
    expect((await api.call("DELETE", `${path}/${merchant.keyId}`, { key: merchant.key })).status).toBe(204);
    expect((await api.call("GET", path, { key: merchant.key })).status).toBe(401);
    expect((await api.call("GET", path, { key: second.json.key })).json.data).toHaveLength(1);
    expect((await api.call("DELETE", `${path}/${merchant.keyId}`, { key: second.json.key })).status).toBe(404);
  });

  it("stops working once deleted, and the caches are notified", async () => {
    const merchant = await api.newMerchant();
    expect((await api.call("GET", "/v1/connections", { key: merchant.key })).status).toBe(200);
    api.changes.length = 0;
    await api.call("DELETE", `/v1/merchants/${merchant.id}/api-keys/${merchant.keyId}`);
    expect((await api.call("GET", "/v1/connections", { key: merchant.key })).status).toBe(401);
    expect(api.changes).toEqual([{ merchantId: parseId("merchant", merchant.id) }]);
  });

  it("is dropped from the cache when another process notifies its deletion", async () => {
    const merchant = await api.newMerchant();
    await api.call("GET", "/v1/connections", { key: merchant.key });
    await api.sql`update api_keys set deleted_at = now() where id = ${parseId("apiKey", merchant.keyId)}`;
    api.deps.keys.forget(parseId("merchant", merchant.id)!);
    expect((await api.call("GET", "/v1/connections", { key: merchant.key })).status).toBe(401);
  });

  it("gets 403 for the admin's calls, which says whose key is needed", async () => {
    const merchant = await api.newMerchant();
    for (const [path, body] of [
      ["/v1/merchants", { name: "x" }],
      ["/v1/reconcile", {}],
    ] as const) {
      const { status, json } = await api.call("POST", path, { key: merchant.key, body });
      expect([status, json.type, json.detail], path).toEqual([
        403,
        "admin-needed",
        expect.stringContaining("admin key"),
      ]);
    }
  });
});

const known = (keyId: string, merchantId: string): KnownKey => ({
  kind: "merchant",
  ...{ keyId, merchantId, shard: 1, name: "main", scopes: ["read"], expiresAt: null },
});

describe("the cache of keys", () => {
  it("forgets the keys of one merchant only", () => {
    const cache = makeKeyCache();
    cache.set("a", known("1", "m"));
    cache.set("b", known("2", "m"));
    cache.set("c", known("3", "n"));
    cache.forget("m");
    expect([cache.get("a"), cache.get("b"), cache.get("c")]).toEqual([undefined, undefined, known("3", "n")]);
    cache.clear();
    expect(cache.get("c")).toBe(undefined);
  });

  it("regression: a key that is used again and again is asked for again within 5 s", () => {
    let nowMs = 1;
    const cache = makeKeyCache(() => nowMs);
    cache.set("a", known("1", "m"));
    for (; nowMs < 3_000; nowMs += 100) expect(cache.get("a"), String(nowMs)).toBeDefined();
    nowMs += 200;
    expect(cache.get("a")).toBe(undefined);
  });
});
