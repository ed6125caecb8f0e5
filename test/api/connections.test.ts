import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashToken } from "../../src/database/encryption.ts";
import { sealContext } from "../../src/database/seal-contexts.ts";
import { parseId } from "../../src/domain/ids.ts";
import type { EgressResult } from "../../src/egress/exchange.ts";
import { answer, startApi, type TestApi, timeout } from "./harness.ts";

let api: TestApi;
let merchant: { id: string; key: string };
beforeAll(async () => {
  api = await startApi();
  merchant = await api.newMerchant();
});
afterAll(() => api.close());

const create = (body: object, key = merchant.key) =>
  api.call("POST", "/v1/connections", { key, body: { provider: "daraja", environment: "sandbox", ...body } });
const patch = (id: string, body: unknown) => api.call("PATCH", `/v1/connections/${id}`, { key: merchant.key, body });
const errorsOf = (called: { json: { errors: { path: string }[] } }) => called.json.errors.map(({ path }) => path);

const full = {
  name: "Till 174379",
  credentials: { consumer_key: "ck-1", consumer_secret: "cs-2", shortcode: "174379" },
  verification: {
    address: { mode: "enforce", ranges: ["196.201.214.0/24"] },
    signature: {
      header: "x-signature",
      algorithm: "sha256",
      encoding: "hex",
      prefix: "sha256=",
      secret: "sig-secret-number-3",
    },
    basic: { username: "daraja", password: "basic-secret-number-4" },
    header: { name: "x-token", value: "header-secret-number-5" },
  },
  settings: {
    settle_on: "proof",
    confirm_above: "1000.00",
    c2b_validation: { mode: "forward", url: "https://shop.example.com/validate", timeout_ms: 2000, fallback: "reject" },
    reconcile: { schedule_s: [1, 2, 4], give_up_after_s: 60, rate_per_minute: 600, pull: true },
  },
};

describe("creating", () => {
  it("returns a URL for every channel, and no secret but the forward secret", async () => {
    const { status, json, text } = await create(full);
    expect(status).toBe(201);
    expect(json).toMatchObject({
      merchant_id: merchant.id,
      provider: "daraja",
      name: "Till 174379",
      environment: "sandbox",
      credentials: ["consumer_key", "consumer_secret", "shortcode"],
      settings: full.settings,
      verification: {
        address: full.verification.address,
        signature: { header: "x-signature", algorithm: "sha256", encoding: "hex", prefix: "sha256=" },
        basic: { username: "daraja" },
        header: { name: "x-token" },
      },
    });
    expect(json.forward_secret).toMatch(/^whsec_/);
    expect(text).not.toMatch(/cs-2|sig-secret|basic-secret|header-secret/);
    const channels = Object.keys(api.deps.providers.get("daraja")!.channels);
    expect(Object.keys(json.callback_urls)).toEqual(channels);
    for (const channel of channels) {
      expect(json.callback_urls[channel]).toMatch(
        new RegExp(`^https://pay\\.example\\.com/in/daraja/[0-3][0-9a-f][\\w-]{32}/${channel}$`),
      );
    }
    const get = await api.call("GET", `/v1/connections/${json.id}`, { key: merchant.key });
    const { forward_secret: _, ...shown } = json;
    expect(get.json).toEqual(shown);
  });

  it("stores secrets sealed, and the token with its hash and shard", async () => {
    const { json } = await create(full);
    const id = parseId("connection", json.id)!;
    const [row] = await api.sql`select * from connections where id = ${id}`;
    expect(JSON.stringify(row)).not.toMatch(/cs-2|sig-secret|basic-secret|header-secret/);
    const { box } = api.deps;
    expect(JSON.parse(box.open(row!.credentials, sealContext.credentials(id)))).toEqual(full.credentials);
    expect(JSON.parse(box.open(row!.verification_secrets, sealContext.verificationSecrets(id)))).toEqual({
      signature: "sig-secret-number-3",
      basic: "basic-secret-number-4",
      header: "header-secret-number-5",
    });
    expect(box.open(row!.forward_secret, sealContext.forwardSecret(id))).toBe(json.forward_secret);
    const token = /in\/daraja\/([^/]+)\//.exec(json.callback_urls.stk)![1]!;
    const [stored] = await api.sql`select * from connection_tokens where connection_id = ${id}`;
    expect(stored).toMatchObject({ shard: Number.parseInt(token.slice(0, 2), 16), token_hash: hashToken(token) });
    expect(row!.shard).toBe(stored!.shard);
    expect(box.open(stored!.token, sealContext.callbackToken(id))).toBe(token);
  });

  it("has defaults that verify nothing and refuse nothing", async () => {
    const { json } = await create({});
    expect(json).toMatchObject({
      name: "Safaricom Daraja",
      base_url: null,
      credentials: [],
      verification: { address: { mode: "off", ranges: [] } },
      settings: {},
    });
    const named = await create({ verification: { address: { ranges: ["10.0.0.1"] } } });
    expect(named.json.verification.address.mode).toBe("log");
  });

  it("names every field that is wrong", async () => {
    const secret16 = "sixteen-letters-";
    const signed = { header: "x-sign", algorithm: "sha256", encoding: "hex", secret: secret16 };
    const deep = (n: number): object => (n === 0 ? { text: "x" } : { text: "x", options: { "1": deep(n - 1) } });
    const cases: [object, string][] = [
      [{ colour: 1 }, "colour"],
      [{ environment: "live" }, "environment"],
      [{ provider: "paypal" }, "provider"],
      [{ provider: undefined }, "provider"],
      [{ name: "" }, "name"],
      [{ base_url: "http://10.0.0.1" }, "base_url"],
      [{ base_url: "nonsense" }, "base_url"],
      [{ credentials: { api_key: "x" } }, "credentials.api_key"],
      [{ credentials: { passkey: 5 } }, "credentials.passkey"],
      [{ verification: { address: { mode: "enforce" } } }, "verification.address.ranges"],
      [{ verification: { address: { ranges: ["10.0.0.0/40"] } } }, "verification.address.ranges.0"],
      [{ verification: { basic: { username: "a:b", password: secret16 } } }, "verification.basic.username"],
      [{ verification: { basic: { username: "a", password: "fifteen-letters" } } }, "verification.basic.password"],
      [{ verification: { basic: { username: "a" } } }, "verification.basic.password"],
      [{ verification: { header: { name: "bad header", value: secret16 } } }, "verification.header.name"],
      [{ verification: { header: { name: "Content-Type", value: secret16 } } }, "verification.header.name"],
      [{ verification: { header: { name: "x-token", value: "fifteen-letters" } } }, "verification.header.value"],
      [{ verification: { signature: { ...signed, header: "HOST" } } }, "verification.signature.header"],
      [{ verification: { signature: { ...signed, secret: "s" } } }, "verification.signature.secret"],
      [{ settings: { settle_on: "always" } }, "settings.settle_on"],
      [{ settings: { confirm_above: 100 } }, "settings.confirm_above"],
      [{ settings: { confirm_above: "1e3" } }, "settings.confirm_above"],
      [{ settings: { c2b_validation: { mode: "forward" } } }, "settings.c2b_validation.url"],
      [{ settings: { c2b_validation: { mode: "accept", timeout_ms: 60_001 } } }, "settings.c2b_validation.timeout_ms"],
      [
        { settings: { airtime_validation: { mode: "forward", url: "ftp://x.example" } } },
        "settings.airtime_validation.url",
      ],
      [{ settings: { ussd: { mode: "menu" } } }, "settings.ussd.menu"],
      [{ settings: { ussd: { mode: "menu", menu: { text: "x", option: {} } } } }, "settings.ussd.menu.option"],
      [
        { settings: { ussd: { mode: "menu", menu: { text: "x", options: { "1": { text: 5 } } } } } },
        "settings.ussd.menu.options.1.text",
      ],
      [{ settings: { ussd: { mode: "menu", menu: deep(11) } } }, "settings.ussd.menu"],
      [
        { settings: { ussd: { mode: "menu", menu: { text: "x", end: true, options: { "1": { text: "y" } } } } } },
        "settings.ussd.menu.end",
      ],
      [
        { settings: { ussd: { mode: "menu", menu: { text: "x", options: { "1*1": { text: "y" } } } } } },
        "settings.ussd.menu.options.1*1",
      ],
      [
        { settings: { ussd: { mode: "forward", url: "https://a.example", fallback: "CON x" } } },
        "settings.ussd.fallback",
      ],
      [{ settings: { reconcile: { schedule_s: [0] } } }, "settings.reconcile.schedule_s.0"],
      [{ settings: { reconcile: { schedule_s: [9, 3] } } }, "settings.reconcile.schedule_s"],
      [{ settings: { reconcile: { rate_per_minute: 60_001 } } }, "settings.reconcile.rate_per_minute"],
      [{ merchant_id: "mer_1" }, "merchant_id"],
    ];
    for (const [body, path] of cases) {
      const called = await create(body);
      expect([called.status, errorsOf(called)], JSON.stringify(body)).toEqual([422, [path]]);
    }
  });

  it("accepts a menu of several levels", async () => {
    const menu = {
      text: "Welcome",
      options: { "1": { text: "Pay", options: { "1": { text: "Done", end: true } } }, "2": { text: "Bye", end: true } },
    };
    const { status, json } = await create({ provider: "kyanda", settings: { ussd: { mode: "menu", menu } } });
    expect([status, json.settings.ussd.menu]).toEqual([201, menu]);
  });

  it("requires merchant_id with the admin key", async () => {
    const body = { provider: "daraja", environment: "sandbox" };
    const without = await api.call("POST", "/v1/connections", { body });
    expect([without.status, errorsOf(without)]).toEqual([422, ["merchant_id"]]);
    const by = await api.call("POST", "/v1/connections", { body: { ...body, merchant_id: merchant.id } });
    expect([by.status, by.json.merchant_id]).toEqual([201, merchant.id]);
  });
});

describe("changing", () => {
  it("keeps secrets that are absent from a patch, and removes fields that are null", async () => {
    const { json } = await create(full);
    const changed = await patch(json.id, {
      name: "Till two",
      credentials: { consumer_key: null, passkey: "pk-9" },
      verification: { signature: { prefix: null }, basic: null },
      settings: { confirm_above: null, reconcile: { pull: false } },
    });
    expect(changed.status).toBe(200);
    expect(changed.json).toMatchObject({ name: "Till two", credentials: ["consumer_secret", "passkey", "shortcode"] });
    expect(changed.json.verification).toEqual({
      address: full.verification.address,
      signature: { header: "x-signature", algorithm: "sha256", encoding: "hex" },
      header: { name: "x-token" },
    });
    const { confirm_above: _, reconcile, ...settings } = full.settings;
    expect(changed.json.settings).toEqual({ ...settings, reconcile: { ...reconcile, pull: false } });
    const id = parseId("connection", json.id)!;
    const [row] = await api.sql`select credentials, verification_secrets from connections where id = ${id}`;
    const open = (sealed: string, context: string) => JSON.parse(api.deps.box.open(sealed, context));
    expect(open(row!.credentials, sealContext.credentials(id))).toEqual({
      consumer_secret: "cs-2",
      shortcode: "174379",
      passkey: "pk-9",
    });
    expect(open(row!.verification_secrets, sealContext.verificationSecrets(id))).toEqual({
      signature: "sig-secret-number-3",
      header: "header-secret-number-5",
    });
    expect(changed.json.callback_urls).toEqual(json.callback_urls);
  });

  it("accepts a patch with everything that it shows", async () => {
    const { json } = await create(full);
    const { name, environment, base_url, verification, settings } = json;
    const again = await patch(json.id, { name, environment, base_url, verification, settings });
    expect([again.status, again.json.verification]).toEqual([200, verification]);
  });

  it("restores the defaults of parts that are null", async () => {
    const { json } = await create(full);
    const { json: changed } = await patch(json.id, {
      name: null,
      credentials: null,
      verification: null,
      settings: null,
    });
    expect(changed).toMatchObject({ name: "Safaricom Daraja", credentials: [], settings: {} });
    expect(changed.verification).toEqual({ address: { mode: "off", ranges: [] } });
  });

  it("refuses a patch whose result is invalid, and changes nothing", async () => {
    const { json } = await create(full);
    const cases: [object, string][] = [
      [{ provider: "kyanda" }, "provider"],
      [{ environment: null }, "environment"],
      [{ verification: { signature: { secret: null } } }, "verification.signature.secret"],
      [{ verification: { address: { ranges: [] } } }, "verification.address.ranges"],
      [{ settings: { c2b_validation: { url: null } } }, "settings.c2b_validation.url"],
      [{ settings: { ussd: { mode: "forward", url: "https://169.254.169.254/" } } }, "settings.ussd.url"],
      [{ credentials: { nonsense: "x" } }, "credentials.nonsense"],
    ];
    for (const [body, path] of cases) {
      const called = await patch(json.id, body);
      expect([called.status, errorsOf(called)], JSON.stringify(body)).toEqual([422, [path]]);
    }
    const { forward_secret: _, ...shown } = json;
    expect((await api.call("GET", `/v1/connections/${json.id}`, { key: merchant.key })).json).toEqual(shown);
  });

  it("keeps a verification from before secrets had a least length, until a patch touches it", async () => {
    const { json } = await create({ verification: { header: { name: "x-token", value: "sixteen-letters-" } } });
    const id = json.id.slice(4);
    await api.sql`
      update connections set verification = '{"address":{"mode":"off","ranges":[]},"header":{"name":"host"}}'
      where replace(id::text, '-', '') = ${id}`;
    expect((await patch(json.id, { name: "Till" })).json.verification.header).toEqual({ name: "host" });
    const touched = await patch(json.id, { verification: { address: { mode: "log", ranges: ["10.0.0.1"] } } });
    expect([touched.status, errorsOf(touched)]).toEqual([422, ["verification.header.name"]]);
  });

  it("merges simultaneous patches one after the other", async () => {
    const { json } = await create({});
    await Promise.all([
      patch(json.id, { credentials: { passkey: "a" } }),
      patch(json.id, { credentials: { shortcode: "b" } }),
      patch(json.id, { credentials: { consumer_key: "c" } }),
    ]);
    const { json: now } = await api.call("GET", `/v1/connections/${json.id}`);
    expect(now.credentials).toEqual(["consumer_key", "passkey", "shortcode"]);
  });

  it("notifies the caches after the commit", async () => {
    const { json } = await create({});
    const id = parseId("connection", json.id)!;
    const notice = { connectionId: id, merchantId: parseId("merchant", merchant.id) };
    api.changes.length = 0;
    await patch(json.id, { name: "other" });
    await api.call("POST", `/v1/connections/${json.id}/rotate-token`);
    await api.call("POST", `/v1/connections/${json.id}/rotate-forward-secret`);
    await api.call("DELETE", `/v1/connections/${json.id}`);
    expect(api.changes).toEqual([notice, notice, notice, notice]);
  });
});

describe("tokens", () => {
  const tokens = (id: string) =>
    api.sql<{ expires_at: Date | null; alive: boolean; left_s: number }[]>`
      select expires_at, coalesce(expires_at > now(), true) as alive, extract(epoch from expires_at - now())::float8 as left_s
      from connection_tokens where connection_id = ${parseId("connection", id)!} order by created_at`;
  const rotate = (id: string, body?: object) =>
    api.call("POST", `/v1/connections/${id}/rotate-token`, { key: merchant.key, ...(body && { body }) });

  it("keep working beside the new one by default", async () => {
    const { json } = await create({});
    const rotated = await rotate(json.id);
    expect(rotated.status).toBe(200);
    expect(rotated.json.callback_urls.stk).not.toBe(json.callback_urls.stk);
    expect((await tokens(json.id)).map(({ expires_at }) => expires_at)).toEqual([null, null]);
    const { json: now } = await api.call("GET", `/v1/connections/${json.id}`);
    expect(now.callback_urls).toEqual(rotated.json.callback_urls);
  });

  it("expire after the overlap, at once with 0, and never later because of a later rotation", async () => {
    const { json } = await create({});
    await rotate(json.id, { overlap_s: 60 });
    await rotate(json.id, { overlap_s: 3600 });
    const [first, second, third] = await tokens(json.id);
    expect(first!.left_s).toBeGreaterThan(50);
    expect(first!.left_s).toBeLessThan(61);
    expect(second!.left_s).toBeGreaterThan(3500);
    expect(third!.expires_at).toBeNull();
    await rotate(json.id, { overlap_s: 0 });
    expect((await tokens(json.id)).map(({ alive }) => alive)).toEqual([false, false, false, true]);
  });

  it("are bounded in number", async () => {
    const { json } = await create({});
    for (let i = 0; i < 20; i += 1) expect((await rotate(json.id)).status).toBe(200);
    expect((await rotate(json.id)).status).toBe(409);
    expect((await rotate(json.id, { overlap_s: 0 })).status).toBe(200);
  });

  it("expire with the deleted connection, which responds with 404", async () => {
    const { json } = await create({});
    const gone = await api.call("DELETE", `/v1/connections/${json.id}`, { key: merchant.key });
    expect([gone.status, gone.text]).toEqual([204, ""]);
    expect(await tokens(json.id)).toEqual([]);
    for (const method of ["GET", "DELETE"]) {
      expect((await api.call(method, `/v1/connections/${json.id}`)).status).toBe(404);
    }
    const { json: list } = await api.call("GET", "/v1/connections?limit=200", { key: merchant.key });
    expect(list.data.map((each: { id: string }) => each.id)).not.toContain(json.id);
  });
});

describe("the forward secret", () => {
  it("is replaced, and shown only in that response", async () => {
    const { json } = await create({});
    const { json: rotated } = await api.call("POST", `/v1/connections/${json.id}/rotate-forward-secret`);
    expect(rotated.forward_secret).toMatch(/^whsec_/);
    expect(rotated.forward_secret).not.toBe(json.forward_secret);
    const id = parseId("connection", json.id)!;
    const [row] = await api.sql`select forward_secret from connections where id = ${id}`;
    expect(api.deps.box.open(row!.forward_secret, sealContext.forwardSecret(id))).toBe(rotated.forward_secret);
  });
});

describe("registering URLs at the provider", () => {
  const credentials = { consumer_key: "ck", consumer_secret: "cs", shortcode: "600000" };
  const registerUrls = (id: string) => api.call("POST", `/v1/connections/${id}/register`);
  const daraja = (result: EgressResult) => {
    api.network.answer = path =>
      path.startsWith("/oauth/") ? answer(200, { access_token: "t", expires_in: "3599" }) : result;
  };

  it("sends the connection's URLs and returns those that the provider accepted", async () => {
    const { json } = await create({ credentials });
    daraja(answer(200, { ResponseCode: "0", ResponseDescription: "Success" }));
    const registered = await registerUrls(json.id);
    const { "c2b/confirmation": confirmation, "c2b/validation": validation } = json.callback_urls;
    expect([registered.status, registered.json.registered]).toEqual([
      200,
      { "c2b/confirmation": confirmation, "c2b/validation": validation },
    ]);
    expect(registered.json.detail).toContain("C2B URLs: registered.");
  });

  it("says why the provider did not accept them", async () => {
    const kodipay = await create({ provider: "kodipay" });
    expect((await registerUrls(kodipay.json.id)).status).toBe(409);
    const without = await create({});
    const refused = await registerUrls(without.json.id);
    expect([refused.status, refused.json.detail]).toEqual([409, expect.stringContaining("consumer_key")]);
    const { json } = await create({ credentials });
    daraja(answer(500, { errorCode: "500.003.1001", errorMessage: "Urls are already registered." }));
    expect((await registerUrls(json.id)).status).toBe(409);
    daraja(answer(429, {}, { "retry-after": "7" }));
    const throttled = await registerUrls(json.id);
    expect([throttled.status, throttled.headers.get("retry-after")]).toEqual([429, "7"]);
    daraja(timeout);
    expect((await registerUrls((await create({ credentials })).json.id)).status).toBe(503);
  });
});

describe("lists", () => {
  it("filter by provider and environment", async () => {
    const other = await api.newMerchant();
    await create({ environment: "production" }, other.key);
    await create({ provider: "kyanda" }, other.key);
    const count = async (query: string) =>
      (await api.call("GET", `/v1/connections?${query}`, { key: other.key })).json.data.length;
    expect([await count(""), await count("provider=kyanda"), await count("environment=production")]).toEqual([2, 1, 1]);
    expect(await count("provider=daraja&environment=sandbox")).toBe(0);
  });
});
