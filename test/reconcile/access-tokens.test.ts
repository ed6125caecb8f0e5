import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createAccessTokens } from "../../src/reconcile/calls/access-tokens.ts";
import { type SimulatedDaraja, simulateDaraja } from "../../src/simulator/servers/daraja.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { kes } from "../support/evidence.ts";
import { connection, merchant, type TestConnection, type TestMerchant, testBox } from "../support/fixtures.ts";
import { type Reconciling, reconciling } from "../support/reconciling.ts";
import { silentLog } from "../support/silent-log.ts";

let database: TestDatabase;
let duka: TestMerchant;
let rec: Reconciling;
/** Another process, as far as tokens go. */
let other: Reconciling;
let server: SimulatedDaraja;
let daraja: TestConnection;

beforeAll(async () => {
  database = await testDatabase();
  duka = await merchant(database.sql);
  rec = reconciling(database.sql);
  other = reconciling(database.sql, {
    tokens: createAccessTokens({ sql: database.sql, box: testBox, log: silentLog }),
  });
});

beforeEach(async () => {
  server = await simulateDaraja();
  const settings = { reconcile: { schedule_s: [1, 2, 3, 4, 5] } };
  daraja = await connection(database.sql, duka, { credentials, baseUrl: server.url, settings });
  server.ledger.add("ws_CO_1", { outcome: "pending", amount: "50", phone: "254712345678", receipt: "T1", steps: [] });
  await rec.register(daraja, { refs: { checkout_request_id: "ws_CO_1" }, amount: kes(5000) });
});

afterAll(async () => {
  await Promise.all([rec.close(), other.close()]);
  await database.drop();
});

const credentials = { consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" };

async function ask(by = rec, expected = {}) {
  await rec.age(daraja, 1);
  expect(await by.pass({ connectionId: daraja.id })).toMatchObject({ polled: 1, errors: 0, ...expected });
}

/** As if the token had been fetched so much earlier. */
async function ageToken(seconds: number) {
  await database.sql`
    update access_tokens set refresh_at = refresh_at - make_interval(secs => ${seconds}),
      expires_at = expires_at - make_interval(secs => ${seconds}) where connection_id = ${daraja.id}`;
}

test("one token serves all processes, and is kept sealed", async () => {
  await ask(rec);
  await ask(other);
  expect(server.tokens.issued()).toBe(1);
  const [row] = await database.sql<{ token: string }[]>`
    select token from access_tokens where connection_id = ${daraja.id}`;
  expect(row?.token).toMatch(/^v1:1:/);
  const used = String(server.calls.length);
  expect(used).not.toBe("");
  await server.close();
});

test("it is fetched anew while the old one is still good, five minutes before its end", async () => {
  await ask();
  await ageToken(3599 - 310);
  await ask();
  expect(server.tokens.issued()).toBe(1);
  await ageToken(20);
  await ask();
  expect(server.tokens.issued()).toBe(2);
  await server.close();
});

test("where a new one cannot be had early, the old one goes on until its end", async () => {
  await ask();
  await ageToken(3599 - 100);
  server.tokens.instead.push({ status: 500, body: {} });
  await ask();
  expect(server.tokens.issued()).toBe(1);
  await server.close();
});

test("while one renews it early the others go on with the old one", async () => {
  await ask();
  await ageToken(3599 - 100);
  await database.sql`
    update access_tokens set lease_id = gen_random_uuid(), leased_until = now() + interval '20 seconds'
    where connection_id = ${daraja.id}`;
  await ask();
  expect(server.tokens.issued()).toBe(1);
  await server.close();
});

test("a holder that died gives way", async () => {
  await database.sql`
    insert into access_tokens (shard, connection_id, lease_id, leased_until)
    values (${daraja.shard}, ${daraja.id}, gen_random_uuid(), now() - interval '1 second')`;
  await ask();
  expect(server.tokens.issued()).toBe(1);
  await server.close();
});

test("other credentials get another token", async () => {
  await ask();
  const changed = { ...credentials, consumer_secret: "another" };
  const sealed = testBox.seal(JSON.stringify(changed), `connections.credentials:${daraja.id}`);
  await database.sql`update connections set credentials = ${sealed}, updated_at = now() where id = ${daraja.id}`;
  await rec.age(daraja, 1);
  expect(await rec.pass({ connectionId: daraja.id })).toMatchObject({ errors: 1 });
  expect(server.calls.filter(call => call.what === "token")).toHaveLength(2);
  await server.close();
});

test("a token that somebody else's made invalid is replaced, by whoever notices first", async () => {
  await ask();
  server.tokens.invalidate();
  await rec.age(daraja, 1);
  server.ledger.add("ws_CO_2", { outcome: "pending", amount: "50", phone: "254712345678", receipt: "T2", steps: [] });
  await rec.register(daraja, { refs: { checkout_request_id: "ws_CO_2" }, amount: kes(5000) });
  await rec.age(daraja, 1);
  const passes = await Promise.all([rec, other].map(r => r.pass({ connectionId: daraja.id })));
  expect(passes.reduce((sum, p) => sum + p.polled, 0)).toBe(2);
  expect(server.tokens.issued()).toBe(2);
  await server.close();
});
