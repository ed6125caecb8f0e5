import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { parseId } from "../../src/domain/ids.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, request, startTestHakika } from "../support/hakika.ts";

type Running = Awaited<ReturnType<typeof startTestHakika>>;

let database: TestDatabase;
let one: Running;
let other: Running;
beforeAll(async () => {
  database = await testDatabase();
  one = await startTestHakika(database.url);
  other = await startTestHakika(database.url);
});
afterAll(async () => {
  await one?.stop();
  await other?.stop();
  await database?.drop();
});

async function usedKey() {
  const { id } = await api(one, "POST", "/v1/merchants", { name: "Duka" });
  const key = await api(one, "POST", `/v1/merchants/${id}/api-keys`, { name: "main" });
  const ask = async () =>
    (await request("GET", `${other.url}/v1/merchants`, undefined, { authorization: `Bearer ${key.key}` })).status;
  expect(await ask()).toBe(200);
  return { merchantId: id, keyId: key.id as string, ask };
}

/** Asks all the time, as a busy client does, until the key is refused. */
const refusedSoon = (ask: () => Promise<number>) =>
  vi.waitFor(async () => expect(await ask()).toBe(401), { timeout: 5_000, interval: 100 });

test("regression: a key that is deleted while LISTEN is cut is dead within 5 s in another process", async () => {
  const { merchantId, keyId, ask } = await usedKey();
  const cut = await database.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query ilike 'listen%' and pid <> pg_backend_pid()`;
  expect(cut.length).toBeGreaterThan(0);
  await api(one, "DELETE", `/v1/merchants/${merchantId}/api-keys/${keyId}`);
  await refusedSoon(ask);
});

test("regression: a key whose deletion no process was told of is dead within 5 s, although it is in use", async () => {
  const { keyId, ask } = await usedKey();
  await database.sql`update api_keys set deleted_at = now() where id = ${parseId("apiKey", keyId)}`;
  await refusedSoon(ask);
});
