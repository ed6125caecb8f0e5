import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimKey, dropOldKeys } from "../../src/api/idempotency/store.ts";
import { adminKey, startApi, type TestApi } from "./harness.ts";

let api: TestApi;
let merchant: { id: string; key: string; keyId: string };
beforeAll(async () => {
  api = await startApi();
  merchant = await api.newMerchant();
});
afterAll(() => api.close());

let keys = 0;
const newKey = () => {
  keys += 1;
  return `order-${keys}`;
};
const endpoint = { url: "https://shop.example.com/hooks" };
const post = (idempotencyKey: string, body: unknown = endpoint, key = merchant.key, path = "/v1/endpoints") =>
  api.call("POST", path, { key, body, headers: { "idempotency-key": idempotencyKey } });
const count = async () => Number((await api.sql`select count(*) as n from endpoints`)[0]!.n);

describe("the same key", () => {
  it("with the same body gets the same response, secrets included, and runs nothing", async () => {
    const key = newKey();
    const first = await post(key);
    const before = await count();
    const again = await post(key);
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await count()).toBe(before);
  });

  it("with the same fields in another order, or null for an absent one, is the same request", async () => {
    const key = newKey();
    const first = await post(key, { url: "https://a.example", headers: { a: "1", b: "2" } });
    const again = await post(key, { headers: { b: "2", a: "1" }, url: "https://a.example" });
    expect([again.status, again.text]).toEqual([201, first.text]);
    const bare = { "idempotency-key": newKey() };
    const path = `/v1/endpoints/${first.json.id}/rotate-secret`;
    const made = await api.call("POST", path, { headers: bare });
    for (const body of [{}, { overlap_s: null }]) {
      const same = await api.call("POST", path, { headers: bare, body });
      expect([same.status, same.text]).toEqual([200, made.text]);
    }
  });

  it("stores the response sealed", async () => {
    const key = newKey();
    const { json } = await post(key);
    const [row] = await api.sql`select * from idempotency_keys where key = ${key}`;
    expect(row!.status).toBe(201);
    expect(row!.answer).toMatch(/^v1:/);
    expect(JSON.stringify(row)).not.toContain(json.secret);
  });

  it("with another body or path is a 422", async () => {
    const key = newKey();
    await post(key);
    const other = await post(key, { ...endpoint, description: "other" });
    expect([other.status, other.json.errors[0].path]).toEqual([422, "Idempotency-Key"]);
    const path = await post(key, endpoint, merchant.key, "/v1/connections");
    expect(path.status).toBe(422);
  });

  it("is separate for each API key", async () => {
    const key = newKey();
    const other = await api.newMerchant();
    const first = await post(key);
    const second = await post(key, endpoint, other.key);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.json.merchant_id).toBe(other.id);
    const admin = await post(key, { ...endpoint, merchant_id: merchant.id }, adminKey);
    expect(admin.status).toBe(201);
    expect(admin.headers.get("idempotent-replayed")).toBeNull();
  });

  it("sent a hundred times at once runs once", async () => {
    const key = newKey();
    const before = await count();
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(key)));
    const done = answers.filter(({ status }) => status === 201);
    expect(new Set(done.map(({ text }) => text)).size).toBe(1);
    for (const { status, headers } of answers) {
      expect([201, 409]).toContain(status);
      if (status === 409) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect(await count()).toBe(before + 1);
  });
});

describe("while the first is running", () => {
  it("the second gets 409, and later the same response", async () => {
    const key = newKey();
    const [started, begun] = signal();
    const [running, finish] = signal();
    const { changed } = api.deps;
    api.deps.changed = async notice => {
      begun();
      await running;
      await changed(notice);
    };
    const first = post(key);
    await started;
    const early = await post(key);
    expect([early.status, early.headers.get("retry-after") !== null]).toEqual([409, true]);
    finish();
    const done = await first;
    const late = await post(key);
    api.deps.changed = changed;
    expect([done.status, late.status, late.text]).toEqual([201, 201, done.text]);
  });
});

function signal(): [Promise<void>, () => void] {
  let resolve = () => {};
  const promise = new Promise<void>(settle => {
    resolve = settle;
  });
  return [promise, resolve];
}

describe("a holder", () => {
  const name = (key: string) => ({ shard: 0, scope: "admin", key });
  const fingerprint = Buffer.alloc(32, 1);

  it("keeps its lock while it renews it, and loses it when it does not", async () => {
    const key = newKey();
    expect(await claimKey(api.db, name(key), fingerprint)).toBeInstanceOf(Date);
    expect(await claimKey(api.db, name(key), fingerprint)).toBeNull();
    await api.sql`update idempotency_keys set locked_until = now() - interval '1 second' where key = ${key}`;
    expect(await claimKey(api.db, name(key), Buffer.alloc(32, 2))).toBeNull();
    expect(await claimKey(api.db, name(key), fingerprint)).toBeInstanceOf(Date);
  });

  it("that lost its lock stores nothing", async () => {
    const key = newKey();
    const { changed } = api.deps;
    api.deps.changed = async notice => {
      // Another process took the key meanwhile.
      await api.sql`update idempotency_keys set locked_until = now() + interval '25 seconds' where key = ${key}`;
      await changed(notice);
    };
    await post(key);
    api.deps.changed = changed;
    const [row] = await api.sql`select status, answer from idempotency_keys where key = ${key}`;
    expect(row).toEqual({ status: null, answer: null });
  });

  it("older than a day is forgotten", async () => {
    const key = newKey();
    const first = await post(key);
    await api.sql`update idempotency_keys set created_at = now() - interval '25 hours' where key = ${key}`;
    const again = await post(key, { ...endpoint, description: "a day later" });
    expect([first.status, again.status, again.json.description]).toEqual([201, 201, "a day later"]);
    await api.sql`update idempotency_keys set created_at = now() - interval '25 hours' where key = ${key}`;
    await dropOldKeys(api.db);
    expect(await api.sql`select 1 from idempotency_keys where key = ${key}`).toHaveLength(0);
  });
});

describe("a request that changed nothing", () => {
  it("is not stored: a refused body may be corrected and sent again", async () => {
    const key = newKey();
    expect((await post(key, { url: "nonsense" })).status).toBe(422);
    expect((await post(key, endpoint)).status).toBe(201);
  });

  it("is not stored: a failure may be tried again", async () => {
    const key = newKey();
    const { changed } = api.deps;
    api.deps.changed = async () => {
      throw new Error("broken");
    };
    expect((await post(key)).status).toBe(500);
    api.deps.changed = changed;
    expect((await post(key)).status).toBe(201);
  });

  it("is stored where it got 404", async () => {
    const key = newKey();
    const path = "/v1/endpoints/end_0199f3b0c4d17a3e8f0a1b2c3d4e5f60/test";
    const [first, again] = [await post(key, {}, merchant.key, path), await post(key, {}, merchant.key, path)];
    expect([first.status, again.status, again.headers.get("idempotent-replayed")]).toEqual([404, 404, "true"]);
  });
});

describe("a key", () => {
  it("is 1 to 255 visible ASCII characters", async () => {
    for (const key of ["a b", "x".repeat(256), "é"]) {
      const { status, json } = await post(key);
      expect([status, json.errors[0].path], key).toEqual([422, "Idempotency-Key"]);
    }
    expect((await post("~".repeat(255))).status).toBe(201);
  });

  it("has no effect on other methods than POST", async () => {
    const { json } = await post(newKey());
    for (const description of ["one", "two"]) {
      const patched = await api.call("PATCH", `/v1/endpoints/${json.id}`, {
        body: { description },
        headers: { "idempotency-key": "same" },
      });
      expect([patched.status, patched.json.description]).toEqual([200, description]);
    }
  });
});
