import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newUuid, parseId, publicId } from "../../src/domain/ids.ts";
import { type Json, startApi, type TestApi } from "./harness.ts";
import { seeder } from "./seed.ts";

let api: TestApi;
let merchant: { id: string; key: string; keyId: string };
let connectionId: string;
beforeAll(async () => {
  api = await startApi();
  merchant = await api.newMerchant();
  const body = { provider: "kyanda", environment: "sandbox" };
  connectionId = (await api.call("POST", "/v1/connections", { key: merchant.key, body })).json.id;
});
afterAll(() => api.close());

describe("reconciling", () => {
  it("runs a pass over all merchants, or over the named merchant and connection", async () => {
    const counts = {
      polled: 0,
      settled: 0,
      pending: 0,
      unresolved: 0,
      errors: 0,
      rate_limited: 0,
      already_running: 0,
      audited: 0,
      drifted: 0,
    };
    const all = await api.call("POST", "/v1/reconcile");
    expect([all.status, all.json]).toEqual([
      200,
      { started_at: expect.any(String), finished_at: expect.any(String), ...counts },
    ]);
    const expired = async () => {
      const body = { connection_id: connectionId, kind: "bill", reference: newUuid(0) };
      const { id } = (await api.call("POST", "/v1/transactions", { key: merchant.key, body })).json;
      await api.sql`update poll_queue set ends_at = now() where transaction_id = ${parseId("transaction", id)!}`;
      await api.sql`update transactions set expires_at = now() where id = ${parseId("transaction", id)!}`;
    };
    await expired();
    const other = await api.newMerchant();
    const foreign = await api.call("POST", "/v1/reconcile", { body: { merchant_id: other.id } });
    expect(foreign.json).toMatchObject(counts);
    const own = await api.call("POST", "/v1/reconcile", {
      body: { merchant_id: merchant.id, connection_id: connectionId, limit: 5 },
    });
    expect(own.json).toMatchObject({ ...counts, settled: 1 });
  });

  it("audits the finished transactions that the body names, and refuses half an audit", async () => {
    const [finished_after, finished_before] = ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"];
    const run = (audit: object) => api.call("POST", "/v1/reconcile", { body: { merchant_id: merchant.id, audit } });
    const named = { finished_after, finished_before };
    const audited = await run({ ...named, share: 0.5, amount_from: "5000.00" });
    expect([audited.status, audited.json.audited, audited.json.drifted]).toEqual([200, 0, 0]);
    expect((await run({ finished_after: finished_before, finished_before: finished_after })).status).toBe(200);
    for (const wrong of [{}, { finished_after }, { ...named, share: 1.1 }, { ...named, amount_from: "-1" }]) {
      expect((await run(wrong)).status).toBe(422);
    }
  });

  it("responds with 404 for an unknown merchant or connection", async () => {
    const none = "0199f3b0c4d17a3e8f0a1b2c3d4e5f60";
    const other = await api.newMerchant();
    for (const body of [
      { merchant_id: `mer_${none}` },
      { connection_id: `con_${none}` },
      { merchant_id: other.id, connection_id: connectionId },
    ]) {
      expect((await api.call("POST", "/v1/reconcile", { body })).status).toBe(404);
    }
    for (const limit of [0, 1.5, "5"]) {
      expect((await api.call("POST", "/v1/reconcile", { body: { limit } })).status).toBe(422);
    }
  });
});

describe("USSD sessions", () => {
  it("are listed newest first and shown with their hops", async () => {
    const seed = seeder(api.sql);
    const owner = { merchantId: merchant.id, connectionId };
    const [id] = [
      await seed.session(owner, { sessionId: "s-0" }),
      await seed.session(owner, { sessionId: "s-1" }),
      await seed.session(owner, { sessionId: "s-2" }),
    ];
    const first = await api.call("GET", "/v1/ussd-sessions?limit=2", { key: merchant.key });
    const second = await api.call("GET", `/v1/ussd-sessions?limit=2&cursor=${first.json.next_cursor}`, {
      key: merchant.key,
    });
    const shown = [...first.json.data, ...second.json.data].map(({ session_id }: Json) => session_id);
    expect(shown).toEqual(["s-2", "s-1", "s-0"]);
    const { json } = await api.call("GET", `/v1/ussd-sessions/${id}`, {
      key: merchant.key,
    });
    expect(json.hops).toEqual([
      {
        hop: 1,
        at: "1970-01-01T00:00:00.000Z",
        input: "",
        answer: "CON Welcome",
        answered_by: "menu",
        latency_ms: 3,
        warning: null,
      },
    ]);
  });
});

describe("the audit", () => {
  it("shows who did what, newest first, without secrets", async () => {
    const { id, key, keyId } = await api.newMerchant();
    const connection = await api.call("POST", "/v1/connections", {
      key,
      body: { provider: "daraja", environment: "sandbox", credentials: { passkey: "secret-pk" } },
    });
    await api.call("PATCH", `/v1/connections/${connection.json.id}`, {
      body: { credentials: { passkey: "secret-pk-2" } },
    });
    await api.call("POST", `/v1/connections/${connection.json.id}/rotate-token`, { key, body: { overlap_s: 9 } });
    const endpoint = await api.call("POST", "/v1/endpoints", {
      key,
      body: { url: "https://a.example", headers: { "x-k": "secret-h" } },
    });
    await api.call("POST", `/v1/endpoints/${endpoint.json.id}/rotate-secret`, { key });
    await api.call("DELETE", `/v1/endpoints/${endpoint.json.id}`, { key });
    const { json, text } = await api.call("GET", "/v1/audit", { key });
    expect(json.data.map(({ actor, action }: Json) => [actor.id, action])).toEqual([
      [keyId, "endpoint.deleted"],
      [keyId, "endpoint.secret_rotated"],
      [keyId, "endpoint.created"],
      [keyId, "connection.token_rotated"],
      ["admin", "connection.changed"],
      [keyId, "connection.created"],
      ["admin", "api_key.created"],
      ["admin", "merchant.created"],
    ]);
    expect(text).not.toMatch(/secret-pk|secret-h|whsec_|hk_[0-9a-f]{10}/);
    const filtered = await api.call("GET", `/v1/audit?action=connection.changed&merchant_id=${id}`);
    expect(filtered.json.data[0]).toMatchObject({
      subject: connection.json.id,
      after: { secrets_replaced: ["credentials.passkey"] },
    });
  });

  it("shows entries of the whole installation to the admin", async () => {
    const entry = newUuid(0);
    await api.sql`
      insert into audit (shard, id, merchant_id, actor, action, subject, detail)
      values (0, ${entry}, null, 'cli', 'keys.rotated', 'installation', '{}')`;
    const { json } = await api.call("GET", "/v1/audit?limit=1");
    expect(json.data[0]).toMatchObject({ id: publicId("audit", entry), merchant_id: null });
    const own = await api.call("GET", "/v1/audit?action=keys.rotated", { key: merchant.key });
    expect(own.json.data).toEqual([]);
  });
});
