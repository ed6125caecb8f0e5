import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needsApproval, raisesBar } from "../../src/api/approvals/bar.ts";
import { parseId } from "../../src/domain/ids.ts";
import { type Json, startApi, type TestApi } from "./harness.ts";

let api: TestApi;
let merchantId: string;
/** Keys that the admin made for one merchant. */
let requester: Json;
let second: Json;
beforeAll(async () => {
  api = await startApi();
  merchantId = (await api.newMerchant()).id;
  requester = await newKey();
  second = await newKey();
});
afterAll(() => api.close());

async function newKey(body: Json = {}, key = api.deps.adminKey): Promise<Json> {
  return (await api.call("POST", `/v1/merchants/${merchantId}/api-keys`, { key, body: { name: "k", ...body } })).json;
}

async function connection(approve_above = "1000.00"): Promise<string> {
  const body = { merchant_id: merchantId, provider: "daraja", environment: "sandbox", settings: { approve_above } };
  return (await api.call("POST", "/v1/connections", { body })).json.id;
}

let registered = 0;
async function transaction(amount: string): Promise<string> {
  const provider_refs = { checkout_request_id: `ws_CO_${++registered}` };
  const body = { connection_id: await connection(), kind: "stk_push", provider_refs, amount };
  return (await api.call("POST", "/v1/transactions", { key: requester.key, body })).json.id;
}

const resolution = { status: "completed", note: "Seen on the statement." };
const resolve = (id: string, key: string, headers: Record<string, string> = {}, body: Json = resolution) =>
  api.call("POST", `/v1/transactions/${id}/resolve`, { key, body, headers });
const decide = (id: string, verb: string, key: string) => api.call("POST", `/v1/approvals/${id}/${verb}`, { key });
const statusOf = async (id: string) => (await api.call("GET", `/v1/transactions/${id}`)).json.status;

describe("a decision about an amount from approve_above", () => {
  it("waits for a second person, and happens when they approve", async () => {
    const id = await transaction("1000.00");
    const once = { "idempotency-key": `resolve-${id}` };
    const asked = await resolve(id, requester.key, once);
    expect([asked.status, asked.json]).toEqual([
      202,
      { approval: { id: expect.stringMatching(/^apr_/), state: "pending", expires_at: expect.any(String) } },
    ]);
    const { approval } = asked.json;
    expect(Date.parse(approval.expires_at) - Date.now()).toBeGreaterThan(23.9 * 3_600_000);
    expect(await statusOf(id)).toBe("pending");
    expect((await resolve(id, requester.key, once)).json).toEqual(asked.json);
    const list = await api.call("GET", "/v1/approvals?state=pending", { key: second.key });
    expect(list.json.data[0]).toMatchObject({
      id: approval.id,
      subject: id,
      asked_by: { id: requester.id },
      amount: "1000.00",
    });

    expect((await decide(approval.id, "approve", requester.key)).json).toMatchObject({
      status: 403,
      type: "same-person",
    });
    const approved = await decide(approval.id, "approve", second.key);
    expect(approved.json).toMatchObject({
      state: "approved",
      decided_by: { id: second.id },
      done_at: expect.any(String),
    });
    expect(await statusOf(id)).toBe("completed");

    const answered = await resolve(id, requester.key, once);
    expect([answered.status, answered.json.id, answered.json.status]).toEqual([200, id, "completed"]);
    expect((await resolve(id, requester.key, once, { ...resolution, note: "other" })).status).toBe(422);
    expect((await decide(approval.id, "approve", second.key)).status).toBe(200);
    expect((await decide(approval.id, "reject", second.key)).status).toBe(409);
    const { timeline } = (await api.call("GET", `/v1/transactions/${id}`)).json;
    expect(timeline.filter((entry: Json) => entry.source === "operator")).toHaveLength(1);
    const { data } = (await api.call("GET", `/v1/audit?subject=${approval.id}`)).json;
    expect(data.map(({ action, actor }: Json) => [action, actor.id])).toEqual([
      ["approval.approved", second.id],
      ["approval.asked", requester.id],
    ]);
  });

  it("below it happens at once", async () => {
    const id = await transaction("999.99");
    expect((await resolve(id, requester.key)).json.status).toBe("completed");
  });

  it("is one and the same where it is asked again without an Idempotency-Key", async () => {
    const id = await transaction("5000.00");
    const [one, two] = [await resolve(id, requester.key), await resolve(id, requester.key)];
    expect(two.json).toEqual(one.json);
    await decide(one.json.approval.id, "approve", second.key);
    expect((await resolve(id, requester.key)).json).toMatchObject({ id, status: "completed" });
  });

  it("never happens once rejected, and the requester's call says so", async () => {
    const id = await transaction("5000.00");
    const once = { "idempotency-key": `rejected-${id}` };
    const { approval } = (await resolve(id, requester.key, once)).json;
    expect((await decide(approval.id, "reject", requester.key)).status).toBe(403);
    expect((await decide(approval.id, "reject", second.key)).json.state).toBe("rejected");
    expect((await decide(approval.id, "approve", second.key)).status).toBe(409);
    expect((await resolve(id, requester.key, once)).status).toBe(409);
    expect((await resolve(id, requester.key)).status).toBe(202);
    expect(await statusOf(id)).toBe("pending");
  });

  it("lapses after 24 hours", async () => {
    const id = await transaction("5000.00");
    const { approval } = (await resolve(id, requester.key)).json;
    const uuid = parseId("approval", approval.id);
    await api.sql`update approvals set expires_at = now() - interval '1 second' where id = ${uuid}`;
    expect((await decide(approval.id, "approve", second.key)).status).toBe(409);
    expect((await api.call("GET", `/v1/approvals/${approval.id}`)).json.state).toBe("lapsed");
    const lapsed = await api.call("GET", "/v1/approvals?state=lapsed");
    expect(lapsed.json.data.map((each: Json) => each.id)).toEqual([approval.id]);
    expect((await resolve(id, requester.key)).json.approval.id).not.toBe(approval.id);
  });

  it("happens once, although many approve at the same moment", async () => {
    const id = await transaction("5000.00");
    const { approval } = (await resolve(id, requester.key)).json;
    const all = await Promise.all([1, 2, 3, 4].map(() => decide(approval.id, "approve", second.key)));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { timeline } = (await api.call("GET", `/v1/transactions/${id}`)).json;
    expect(timeline.filter((entry: Json) => entry.source === "operator")).toHaveLength(1);
  });
});

describe("a second person", () => {
  it("regression: is no key that the requester made, however indirectly, nor the key that made the requester's", async () => {
    const made = await newKey({}, requester.key);
    const madeByMade = await newKey({}, made.key);
    for (const [from, by] of [
      [requester, made],
      [requester, madeByMade],
      [made, requester],
      [madeByMade, requester],
    ]) {
      const id = await transaction("5000.00");
      const { approval } = (await resolve(id, from.key)).json;
      expect((await decide(approval.id, "approve", by.key)).json.type).toBe("same-person");
    }
  });

  it("may be the admin or an operator with the right, and not one without it or of another merchant", async () => {
    const stranger = await api.newMerchant("Stranger");
    const reader = await newKey({ scopes: ["read", "manage"] });
    const [viewer, support] = await Promise.all(
      ["viewer", "support"].map(
        async role => (await api.call("POST", "/v1/operators", { body: { name: role, role } })).json,
      ),
    );
    const ask = async () => (await resolve(await transaction("5000.00"), requester.key)).json.approval.id;
    const id = await ask();
    expect((await decide(id, "approve", stranger.key)).status).toBe(404);
    expect((await decide(id, "approve", reader.key)).json.type).toBe("missing-scope");
    expect((await decide(id, "approve", viewer.key)).json.type).toBe("missing-role");
    expect((await decide(id, "approve", support.key)).status).toBe(200);
    expect((await decide(await ask(), "approve", api.deps.adminKey)).status).toBe(200);
  });
});

describe("approve_above itself", () => {
  const patch = (id: string, approve_above: string | null, key = requester.key) =>
    api.call("PATCH", `/v1/connections/${id}`, { key, body: { settings: { approve_above } } });
  const barOf = async (id: string) => (await api.call("GET", `/v1/connections/${id}`)).json.settings.approve_above;

  it.each([["2000.00"], [null]])("waits for a second person to become %s", async value => {
    const id = await connection();
    const asked = await patch(id, value);
    expect([asked.status, await barOf(id)]).toEqual([202, "1000.00"]);
    expect((await decide(asked.json.approval.id, "approve", requester.key)).status).toBe(403);
    expect((await decide(asked.json.approval.id, "approve", second.key)).json.state).toBe("approved");
    expect(await barOf(id)).toBe(value ?? undefined);
  });

  it("is lowered at once, and removing all settings waits too, the admin's calls like others", async () => {
    const id = await connection();
    expect((await patch(id, "500.00")).status).toBe(200);
    const all = await api.call("PATCH", `/v1/connections/${id}`, { body: { settings: null } });
    expect([all.status, await barOf(id)]).toEqual([202, "500.00"]);
    expect((await decide(all.json.approval.id, "approve", api.deps.adminKey)).status).toBe(403);
  });
});

describe("the bar", () => {
  it.each([
    [{ approve_above: "1000.00" }, {}, true],
    [{ approve_above: "1000.00" }, { approve_above: "1000.0000" }, false],
    [{ approve_above: "999.99" }, { approve_above: "1000" }, true],
    [{ approve_above: "1000" }, { approve_above: "999.99" }, false],
    [{}, { approve_above: "1" }, false],
  ])("from %j to %j is raised: %s", (before, after, raised) => {
    expect(raisesBar(before, after)).toBe(raised);
  });

  it("holds for an amount that is not known, and for no message", () => {
    const bar = { approve_above: "1000.00" };
    expect(needsApproval(bar, { kind: "c2b", amounts: [null], currency: null })).toBe(true);
    expect(needsApproval(bar, { kind: "c2b", amounts: [99_999n, 100_000n], currency: "KES" })).toBe(true);
    expect(needsApproval(bar, { kind: "b2c", amounts: [99_999n, undefined], currency: "KES" })).toBe(false);
    expect(needsApproval(bar, { kind: "sms", amounts: [null], currency: null })).toBe(false);
    expect(needsApproval({}, { kind: "b2c", amounts: [10n ** 12n], currency: "KES" })).toBe(false);
  });
});
