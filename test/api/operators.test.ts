import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roles } from "../../src/api/caller.ts";
import { roleOf } from "../../src/api/permission.ts";
import { routes } from "../../src/api/routes.ts";
import { hashToken } from "../../src/database/encryption.ts";
import { parseId } from "../../src/domain/ids.ts";
import { type Json, startApi, type TestApi } from "./harness.ts";
import { seeder } from "./seed.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function operator(role: string, name = "Wanjiru"): Promise<Json> {
  return (await api.call("POST", "/v1/operators", { body: { name, role } })).json;
}

describe("an operator", () => {
  it("has a key that is shown once and stored as a hash, a name and a role", async () => {
    const made = await operator("support");
    expect(made).toMatchObject({ name: "Wanjiru", role: "support", created_by: "admin", last_used_at: null });
    expect([made.id, made.key]).toEqual([expect.stringMatching(/^opr_/), expect.stringMatching(/^hko_[0-9a-f]{64}$/)]);
    const [row] = await api.sql`select key_hash from operators where id = ${parseId("operator", made.id)}`;
    expect(row!.key_hash).toEqual(hashToken(made.key));
    const list = await api.call("GET", "/v1/operators");
    expect(list.text).not.toContain(made.key);
    expect(list.json.data[0].id).toBe(made.id);
  });

  it.each(roles)("of role %s may call what its role allows, and nothing more", async role => {
    const { key } = await operator(role);
    for (const route of routes) {
      const path = route.path.replace(/\{\w+\}/g, "nothing");
      const { status, json } = await api.call(route.method, path, { key, body: undefined });
      const mayCall = roles.indexOf(role) >= roles.indexOf(roleOf(route));
      if (mayCall) expect(status, route.name).not.toBe(403);
      else expect([status, json.type], route.name).toEqual([403, "missing-role"]);
    }
  });

  it.each([
    ["retryDelivery", "support"],
    ["createReplay", "support"],
    ["recoverEndpoint", "support"],
    ["reprocessCallback", "support"],
    ["pollTransaction", "support"],
    ["registerTransaction", "support"],
    ["resolveTransaction", "support"],
    ["getCallbackBody", "support"],
    ["listTransactions", "viewer"],
    ["listOperators", "admin"],
    ["createOperator", "admin"],
    ["patchConnection", "admin"],
    ["createApiKey", "admin"],
  ])("needs for %s the role %s", (name, role) => {
    expect(roleOf(routes.find(route => route.name === name)!)).toBe(role);
  });

  it("sees every merchant's data, and as a viewer masked phones", async () => {
    const owner = await api.newMerchant();
    const { json: connection } = await api.call("POST", "/v1/connections", {
      body: { merchant_id: owner.id, provider: "daraja", environment: "sandbox" },
    });
    const id = await seeder(api.sql).transaction(
      { merchantId: owner.id, connectionId: connection.id },
      {
        phone: "+254700000001",
        provider_refs: { checkout_request_id: "ws_CO_1810_254700000001" },
        details: { note: "paid by 0700000001" },
      },
    );
    const shown = async (role: string) =>
      api.call("GET", `/v1/transactions/${id}`, { key: (await operator(role)).key });
    expect((await shown("support")).json.phone).toBe("+254700000001");
    const seen = await shown("viewer");
    expect(seen.json.phone).toBe("+2547*****001");
    expect(seen.text).not.toContain("700000001");
    const list = await api.call("GET", "/v1/transactions", { key: (await operator("viewer")).key });
    expect(list.text).not.toContain("700000001");
  });

  it("stops working once deleted, and the caches are notified", async () => {
    const made = await operator("viewer");
    const ask = async () => (await api.call("GET", "/v1/merchants", { key: made.key })).status;
    expect(await ask()).toBe(200);
    api.changes.length = 0;
    expect((await api.call("DELETE", `/v1/operators/${made.id}`)).status).toBe(204);
    expect([await ask(), api.changes]).toEqual([401, [{ operators: true }]]);
    expect((await api.call("DELETE", `/v1/operators/${made.id}`)).status).toBe(404);
  });

  it("is named in the audit, with the address of the call", async () => {
    const made = await operator("admin", "Otieno");
    const { json } = await api.call("POST", "/v1/merchants", { key: made.key, body: { name: "Kibanda" } });
    const [entry] = (await api.call("GET", `/v1/audit?subject=${json.id}`)).json.data;
    expect(entry.actor).toEqual({ kind: "operator", id: made.id, name: "Otieno", address: "192.0.2.1" });
    expect([entry.action, entry.before, entry.after]).toEqual(["merchant.created", null, { name: "Kibanda" }]);
  });
});

describe("the last use of a key", () => {
  it("is kept, in sets and at most once a minute", async () => {
    const other = await startApi();
    try {
      const { id, key } = await other.newMerchant();
      const { key: operatorKey } = (await other.call("POST", "/v1/operators", { body: { name: "A", role: "viewer" } }))
        .json;
      for (let n = 0; n < 3; n += 1) {
        await other.call("GET", "/v1/merchants", { key });
        await other.call("GET", "/v1/merchants", { key: operatorKey });
      }
      await other.deps.keyUse.stop();
      const [shown] = (await other.call("GET", `/v1/merchants/${id}/api-keys`)).json.data;
      expect(Date.now() - Date.parse(shown.last_used_at)).toBeLessThan(60_000);
      const [person] = (await other.call("GET", "/v1/operators")).json.data;
      expect(person.last_used_at).toEqual(expect.any(String));
    } finally {
      await other.close();
    }
  });
});
