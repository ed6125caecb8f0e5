import { afterEach, beforeEach, expect, test } from "vitest";
import { parseId, shardOf } from "../../src/domain/ids.ts";
import { type SimulatedDaraja, simulateDaraja } from "../../src/providers/daraja/simulator/server.ts";
import { claimWaiting } from "../../src/start/key-store.ts";
import { adminKey, type Json, request } from "../support/hakika.ts";
import { startBundle } from "./start-bundle.ts";

const { bundle, call, connect, start, told } = startBundle();
let daraja: SimulatedDaraja;
let connection: Json;
let askerKey: string;
let n = 0;

const credentials = {
  ...{ consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" },
  ...{ initiator_name: "apiop", security_credential: "c2VjcmV0" },
};

beforeEach(async () => {
  daraja = await simulateDaraja();
  const settings = { approve_above: "1000.00" };
  connection = await connect({ provider: "daraja", credentials, base_url: daraja.url, settings });
  askerKey = await newKey(["read", "start"]);
  n += 1;
});
afterEach(() => daraja.close());

async function newKey(scopes: string[]): Promise<string> {
  return (await call("POST", `/v1/merchants/${bundle.shop.merchantId}/api-keys`, { name: "till", scopes })).key;
}

const payout = (more: object = {}) => ({
  ...{ connection_id: connection.id, kind: "b2c", phone: "+254708374149", amount: "1000", reference: `WAGE-${n}` },
  ...more,
});

function ask(path: string, body: object, key = `ask-${n}`, auth = askerKey) {
  const headers = { authorization: `Bearer ${auth}`, "idempotency-key": key };
  return request("POST", `${bundle.hakika.url}/v1/${path}`, body, headers);
}

const decide = (id: string, verb: string, key = adminKey) =>
  request("POST", `${bundle.hakika.url}/v1/approvals/${id}/${verb}`, undefined, { authorization: `Bearer ${key}` });
const claimsOf = (key: string) => bundle.database.sql`
  select id, shard from starts where key = ${key} order by id desc`;

async function endLease(key: string): Promise<void> {
  await bundle.database.sql`update starts set due_at = now() - interval '1 second' where key = ${key}`;
}

test("a reversal of the whole waits by its payment's amount, and gives back only after the approval", async () => {
  const push = payout({ kind: "stk_push", reference: `ORDER-${n}`, amount: "1500" });
  const { json } = await ask("payments", push, `push-${n}`);
  await daraja.finish(daraja.starts.taken.at(-1)!.id, "completed");
  await told(json.id, "payment.completed");
  daraja.starts.taken.length = 0;

  const asked = await ask("reversals", { transaction_id: json.id });
  expect([asked.status, asked.json.approval?.state]).toEqual([202, "pending"]);
  expect(daraja.starts.taken).toEqual([]);
  expect((await decide(asked.json.approval.id, "approve")).json).toMatchObject({
    state: "approved",
    amount: "1500.00",
  });
  expect(daraja.starts.taken).toHaveLength(1);
  const done = await ask("reversals", { transaction_id: json.id });
  expect([done.status, done.json.kind, done.json.start.state]).toEqual([201, "reversal", "accepted"]);
  expect((await ask("reversals", { transaction_id: json.id, amount: "999" }, `part-${n}`)).status).toBe(409);
});

test("a key without the scope decide approves nothing, and many approvals at once send one order", async () => {
  const { approval } = (await ask("payouts", payout())).json;
  const without = await decide(approval.id, "approve", await newKey(["read", "start"]));
  expect([without.status, without.json.type]).toEqual([403, "missing-scope"]);
  const second = await newKey(["read", "decide"]);
  const all = await Promise.all([1, 2, 3, 4].map(() => decide(approval.id, "approve", second)));
  expect(all.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  expect(all.every(({ status }) => status === 200 || status === 409)).toBe(true);
  expect((await decide(approval.id, "approve", second)).status).toBe(200);
  expect((await ask("payouts", payout())).status).toBe(201);
  expect(daraja.starts.taken).toHaveLength(1);
});

test("two calls at once with one key ask for one approval, and one of two keys for one reference is sent", async () => {
  const twins = await Promise.all([ask("payouts", payout()), ask("payouts", payout())]);
  const waiting = twins.filter(({ status }) => status === 202);
  expect(waiting.length).toBeGreaterThan(0);
  expect(new Set(waiting.map(({ json }) => json.approval.id)).size).toBe(1);
  const other = await ask("payouts", payout(), `other-${n}`);
  expect(other.json.approval.id).not.toBe(waiting[0]!.json.approval.id);

  expect((await decide(waiting[0]!.json.approval.id, "approve")).status).toBe(200);
  const refused = await decide(other.json.approval.id, "approve");
  expect([refused.status, refused.json.type]).toEqual([409, "already-started"]);
  expect(daraja.starts.taken).toHaveLength(1);
});

test("an approved payout whose answer was lost is unknown, and never sent again", async () => {
  const { approval } = (await ask("payouts", payout())).json;
  daraja.starts.faults.push({ do: "lose-answer" });
  expect((await decide(approval.id, "approve")).status).toBe(200);
  const id = (await ask("payouts", payout())).json.id;
  for (const turn of ["ask", "approve", "ask"]) {
    if (turn === "approve") expect((await decide(approval.id, "approve")).status).toBe(200);
    const answer = await ask("payouts", payout());
    expect([answer.status, answer.json.id, answer.json.start.state]).toEqual([202, id, "unknown"]);
  }
  expect((await ask("payouts", payout(), `again-${n}`)).json.approval.state).toBe("pending");
  expect(daraja.starts.taken).toHaveLength(1);
  await daraja.finish(daraja.starts.taken[0]!.id, "completed");
  await told(id, "payout.completed");
  expect((await ask("payouts", payout())).json).toMatchObject({ id, status: "completed" });
});

test("a key answers with its transaction for good, also years after what the API keeps for a day", async () => {
  const first = await start("payouts", payout({ amount: "999" }), `years-${n}`);
  expect(first.status).toBe(201);
  await bundle.database.sql`update starts set begun_at = begun_at - interval '3 years' where key = ${`years-${n}`}`;
  await bundle.database.sql`delete from idempotency_keys`;
  const again = await start("payouts", payout({ amount: "999" }), `years-${n}`);
  expect([again.status, again.json.id]).toEqual([201, first.json.id]);
  expect((await start("payouts", payout({ amount: "998" }), `years-${n}`)).status).toBe(422);
  expect(daraja.starts.taken).toHaveLength(1);
});

test("regression: an approval whose call died before it registered anything is carried out by the next one", async () => {
  const { approval } = (await ask("payouts", payout())).json;
  const [claim] = await claimsOf(`ask-${n}`);
  const { shard, id } = claim as { shard: number; id: string };
  expect(shardOf(parseId("approval", approval.id)!)).toBe(shard);
  expect(await claimWaiting(bundle.database.sql, shard, id)).not.toBeNull();
  expect((await decide(approval.id, "approve")).status).toBe(409);
  expect((await call("GET", `/v1/approvals/${approval.id}`)).done_at).toBeNull();
  await endLease(`ask-${n}`);
  expect((await ask("payouts", payout())).json.approval).toMatchObject({ id: approval.id, state: "approved" });
  expect(daraja.starts.taken).toEqual([]);
  expect((await decide(approval.id, "approve")).status).toBe(200);
  expect((await ask("payouts", payout())).json.start.state).toBe("accepted");
  expect(daraja.starts.taken).toHaveLength(1);
});

test("regression: what lacks a credential at its approval waits until it has one, and is sent then", async () => {
  const { approval } = (await ask("payouts", payout())).json;
  const path = `/v1/connections/${connection.id}`;
  await call("PATCH", path, { credentials: { security_credential: null } });
  for (const _ of [1, 2]) expect((await decide(approval.id, "approve")).json.detail).toContain("security_credential");
  await call("PATCH", path, { credentials: { security_credential: "c2VjcmV0" } });
  expect((await decide(approval.id, "approve")).status).toBe(200);
  expect((await ask("payouts", payout())).json.start.state).toBe("accepted");
});
