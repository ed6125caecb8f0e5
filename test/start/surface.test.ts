import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatedDaraja, simulateDaraja } from "../../src/providers/daraja/simulator/server.ts";
import { type SimulatedKyanda, simulateKyanda } from "../../src/providers/kyanda/simulator/server.ts";
import { adminKey, type Json, request } from "../support/hakika.ts";
import { startBundle } from "./start-bundle.ts";

const { bundle, call, connect } = startBundle();
let daraja: SimulatedDaraja;
let kyanda: SimulatedKyanda;

beforeEach(async () => {
  [daraja, kyanda] = await Promise.all([simulateDaraja(), simulateKyanda()]);
});
afterEach(async () => {
  await Promise.all([daraja.close(), kyanda.close()]);
});

const credentials = {
  ...{ consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" },
  ...{ initiator_name: "apiop", security_credential: "c2VjcmV0" },
};
const onDaraja = (more: object = {}) => connect({ provider: "daraja", credentials, base_url: daraja.url, ...more });
const post = (path: string, key = adminKey) =>
  request("POST", bundle.hakika.url + path, undefined, { authorization: `Bearer ${key}` });

async function keyWith(scopes: string[]): Promise<string> {
  const path = `/v1/merchants/${bundle.shop.merchantId}/api-keys`;
  return (await call("POST", path, { name: "till", scopes })).key;
}

test("every key sees the providers, with what can be started at each and which options that takes", async () => {
  const { json } = await request("GET", `${bundle.hakika.url}/v1/providers`, undefined, {
    authorization: `Bearer ${await keyWith(["read"])}`,
  });
  const byId = new Map<string, Json>(json.data.map((provider: Json) => [provider.id, provider]));
  expect(byId.size).toBe(12);
  expect(byId.get("daraja")).toMatchObject({
    ...{ name: "Safaricom Daraja", pull: true, register: true },
    channels: expect.arrayContaining(["stk", "c2b/confirmation"]),
    credentials: expect.arrayContaining([{ name: "shortcode", secret: false, means: "the paybill or till number" }]),
    provider_refs: expect.arrayContaining(["checkout_request_id", "receipt"]),
    start: { kinds: ["stk_push", "b2c", "b2b", "reversal"] },
  });
  expect(byId.get("daraja").start.options.b2b).toContainEqual({
    ...{ name: "short_code", required: true, means: "the paybill or till that is paid" },
  });
  expect(byId.get("kyanda").start.kinds).toContain("sms");
  expect(byId.get("codian").kinds).toContain("checkout");
});

test("the access token that Hakika holds is handed out, audited, and the same until it is renewed", async () => {
  const connection = await onDaraja();
  const key = await keyWith(["start"]);
  const answers = [
    await post(`/v1/connections/${connection.id}/token`, key),
    await post(`/v1/connections/${connection.id}/token`, key),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const [{ json }] = answers as [Json];
  expect(answers[1]!.json).toEqual(json);
  expect(daraja.tokens.isValid(`Bearer ${json.access_token}`)).toBe(true);
  expect(Date.parse(json.expires_at)).toBeGreaterThan(Date.now() + 3_000_000);
  expect(daraja.calls.filter(({ what }) => what === "token")).toHaveLength(1);
  const { data } = await call("GET", "/v1/audit?action=connection.token_handed_out");
  expect(data).toHaveLength(2);
  expect(JSON.stringify(data)).not.toContain(json.access_token);

  const reader = await post(`/v1/connections/${connection.id}/token`, await keyWith(["read", "manage"]));
  expect([reader.status, reader.json.type]).toEqual([403, "missing-scope"]);
  const without = await connect({ provider: "kyanda", base_url: kyanda.url });
  expect((await post(`/v1/connections/${without.id}/token`)).status).toBe(409);
  const bare = await connect({ provider: "daraja", credentials: {}, base_url: daraja.url });
  expect((await post(`/v1/connections/${bare.id}/token`)).json.detail).toContain("consumer_key");
  const wrong = await onDaraja({ credentials: { ...credentials, consumer_secret: "wrong" } });
  const refused = await post(`/v1/connections/${wrong.id}/token`);
  expect([refused.status, refused.json.detail]).toEqual([409, expect.stringContaining("400.008.01")]);
});

test("a balance that is asked for shows in the health: by callback at Daraja, at once at Kyanda", async () => {
  const connection = await onDaraja();
  const asked = await post(`/v1/connections/${connection.id}/balance`, await keyWith(["start"]));
  expect([asked.status, asked.json.state, asked.json.balance]).toEqual([202, "asked", null]);
  const health = (id: string) => async () => (await call("GET", `/v1/connections/${id}/health`)).balance;
  await expect.poll(health(connection.id)).toMatchObject({ amount: "46713.00", currency: "KES" });

  const other = await connect({
    ...{ provider: "kyanda", credentials: { merchant_id: "MERCHANT", api_key: "api-key" }, base_url: kyanda.url },
  });
  const told = await post(`/v1/connections/${other.id}/balance`);
  expect([told.status, told.json.balance]).toMatchObject([202, { amount: "399930.00", currency: "KES" }]);
  expect(await health(other.id)()).toMatchObject({ amount: "399930.00" });
  const none = await connect({ provider: "kodipay" });
  expect((await post(`/v1/connections/${none.id}/balance`)).status).toBe(409);
});

test("C2B URLs are registered in the version that the app has", async () => {
  await daraja.close();
  daraja = await simulateDaraja({ c2bVersion: "v1" });
  const { json, status } = await post(`/v1/connections/${(await onDaraja()).id}/register`);
  expect([status, Object.keys(json.registered)]).toEqual([200, ["c2b/confirmation", "c2b/validation"]]);
});
