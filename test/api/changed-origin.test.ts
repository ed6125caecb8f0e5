import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Json, startApi, type TestApi } from "./harness.ts";

let api: TestApi;
let merchant: Awaited<ReturnType<TestApi["newMerchant"]>>;
beforeAll(async () => {
  api = await startApi();
  merchant = await api.newMerchant();
});
afterAll(() => api.close());

const credentials = { consumer_key: "ck-1", consumer_secret: "cs-1", shortcode: "174379" };

async function connection(body: Json = {}, key = merchant.key) {
  const sent = { provider: "daraja", environment: "sandbox", credentials, merchant_id: merchant.id, ...body };
  return api.call("POST", "/v1/connections", { key, body: sent });
}
const patch = (kind: string, id: string, body: object, key = merchant.key) =>
  api.call("PATCH", `/v1/${kind}/${id}`, { key, body });
const pathsOf = ({ json }: { json: Json }) => json.errors.map(({ path }: Json) => path);

describe("a base_url of another origin", () => {
  it("regression: needs every secret that stays again, so that none can be drawn out", async () => {
    const { id } = (await connection()).json;
    const refused = await patch("connections", id, { base_url: "https://other.example/x" });
    expect(refused.status).toBe(422);
    expect(pathsOf(refused)).toContain("credentials.consumer_secret");
    const part = { base_url: "https://other.example", credentials: { consumer_secret: "cs-2" } };
    expect((await patch("connections", id, part)).status).toBe(pathsOf(refused).length > 1 ? 422 : 200);
    const whole = { base_url: "https://other.example", credentials };
    expect((await patch("connections", id, whole)).json.base_url).toBe("https://other.example");
    const dropped = { base_url: "https://third.example", credentials: null };
    expect((await patch("connections", id, dropped)).status).toBe(200);
  });

  it("is one where scheme, host or port differ, and the provider's own is one too", async () => {
    const { id } = (await connection({ base_url: "https://other.example/a" })).json;
    expect((await patch("connections", id, { base_url: "https://other.example/b", name: "x" })).status).toBe(200);
    for (const base_url of ["https://other.example:8443/b", "https://third.example/b", null]) {
      expect((await patch("connections", id, { base_url })).status, String(base_url)).toBe(422);
    }
  });

  it("is in the audit, with both origins and no secret", async () => {
    const { id } = (await connection()).json;
    await patch("connections", id, {
      base_url: "https://other.example",
      credentials: { ...credentials, passkey: "pk" },
    });
    const { json, text } = await api.call("GET", `/v1/audit?subject=${id}&limit=1`);
    expect(json.data[0]).toMatchObject({
      action: "connection.changed",
      before: { base_url: null, credentials: ["consumer_key", "consumer_secret", "shortcode"] },
      after: { base_url: "https://other.example", credentials: expect.arrayContaining(["passkey"]) },
    });
    expect(text).not.toMatch(/cs-1|"pk"/);
  });
});

describe("in production", () => {
  const foreign = { environment: "production", base_url: "https://own-proof.example" };

  it("regression: a base_url that is not the provider's own needs the admin, whichever way it comes", async () => {
    const refused = await connection(foreign);
    expect([refused.status, refused.json.type]).toEqual([403, "admin-needed"]);
    expect((await connection({ environment: "production", base_url: "https://api.safaricom.co.ke" })).status).toBe(201);
    const { id } = (await connection({ base_url: foreign.base_url })).json;
    expect((await patch("connections", id, { environment: "production" })).status).toBe(403);
    const production = (await connection({ environment: "production" })).json;
    const moved = { base_url: foreign.base_url, credentials };
    expect((await patch("connections", production.id, moved)).status).toBe(403);
  });

  it("the admin may set one, and the merchant change the rest of that connection", async () => {
    const made = await connection(foreign, api.deps.adminKey);
    expect(made.status).toBe(201);
    expect((await patch("connections", made.json.id, { name: "Till" })).status).toBe(200);
    const elsewhere = { base_url: "https://else.example", credentials };
    expect((await patch("connections", made.json.id, elsewhere)).status).toBe(403);
  });
});

describe("an endpoint's url of another origin", () => {
  it("regression: needs the headers that stay again", async () => {
    const body = { url: "https://shop.example/hooks", headers: { "X-Key": "secret-h", "x-other": "1" } };
    const { id } = (await api.call("POST", "/v1/endpoints", { key: merchant.key, body })).json;
    expect((await patch("endpoints", id, { url: "https://shop.example/other" })).status).toBe(200);
    const refused = await patch("endpoints", id, { url: "https://thief.example/hooks", headers: { "x-other": "2" } });
    expect([refused.status, pathsOf(refused)]).toEqual([422, ["headers.x-key"]]);
    const sent = { url: "https://new.example/hooks", headers: { "X-KEY": "again", "x-other": null } };
    expect((await patch("endpoints", id, sent)).json).toMatchObject({ url: sent.url, headers: ["x-key"] });
    const [entry] = (await api.call("GET", `/v1/audit?subject=${id}&limit=1`)).json.data;
    expect(entry).toMatchObject({
      before: { url: "https://shop.example/other", headers: ["x-key", "x-other"] },
      after: { url: "https://new.example/hooks", headers: ["x-key"] },
    });
  });

  it("needs nothing where there are no headers", async () => {
    const body = { url: "https://shop.example/hooks" };
    const { id } = (await api.call("POST", "/v1/endpoints", { key: merchant.key, body })).json;
    expect((await patch("endpoints", id, { url: "https://new.example" })).status).toBe(200);
  });
});
