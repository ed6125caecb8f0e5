import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newDataFolder } from "../support/data-folder.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { runHakika } from "./run-hakika.ts";

const minutes = 60_000;
const keys = { old: randomBytes(32).toString("base64"), new: randomBytes(32).toString("base64") };

let database: TestDatabase;
let env: Record<string, string>;

beforeAll(async () => {
  database = await testDatabase();
  env = {
    DATABASE_URL: database.url,
    HAKIKA_DATA_DIR: newDataFolder(),
    HAKIKA_ADMIN_KEY: randomBytes(32).toString("hex"),
    HAKIKA_SECRET_KEY: `old:${keys.old}`,
  };
  const played = await runHakika(["simulate", "kyanda", "payout-success"], env);
  expect(played).toMatchObject({ code: 0, err: "" });
}, 2 * minutes);
afterAll(() => database?.drop());

type Report = { healthy: boolean; checks: { check: string; findings: { level: string; what: string }[] }[] };

async function doctor(more: Record<string, string> = {}): Promise<{ code: number | null; problems: string[] }> {
  const { code, out } = await runHakika(["doctor", "--json"], { ...env, ...more });
  const { checks } = JSON.parse(out) as Report;
  const problems = checks.flatMap(({ findings }) => findings).filter(({ level }) => level === "problem");
  return { code, problems: problems.map(({ what }) => what) };
}

test("a rotated key seals everything anew, once, and the old one can go", { timeout: 2 * minutes }, async () => {
  expect(await doctor()).toEqual({ code: 0, problems: [] });
  const both = { HAKIKA_SECRET_KEY: `new:${keys.new},old:${keys.old}` };
  const rotate = async () => JSON.parse((await runHakika(["keys", "rotate", "--json"], { ...env, ...both })).out);
  const first = await rotate();
  expect(first).toMatchObject({ key: "new", key_added: false, values_by_key: { new: first.resealed } });
  expect(first.columns).toMatchObject({
    "connections.credentials": 1,
    "installation_keys.sealed": 1,
    "endpoint_secrets.secret": 1,
  });
  expect(await rotate()).toMatchObject({ resealed: 0 });

  expect((await doctor()).problems).toEqual([expect.stringContaining("keys that are missing: new")]);
  env.HAKIKA_SECRET_KEY = `new:${keys.new}`;
  expect(await doctor()).toEqual({ code: 0, problems: [] });
  expect(await runHakika(["simulate", "kyanda", "payout-success"], env)).toMatchObject({ code: 0 });
});

test("a status that its evidence does not come to, a missing event and a stuck row are each named", {
  timeout: 2 * minutes,
}, async () => {
  const { sql } = database;
  const [first, second] = await sql<{ id: string; shard: number }[]>`select id, shard from transactions order by id`;
  await sql`update transactions set status = 'failed', updated_at = now() where id = ${first!.id}`;
  await sql`delete from events where transaction_id = ${second!.id}`;
  await sql`
    insert into inbox_queue (shard, callback_id, due_at) values (${first!.shard}, ${randomUUID()}, now() - interval '1 hour')`;
  const { code, problems } = await doctor();
  expect(code).toBe(1);
  expect(problems).toEqual([
    expect.stringContaining("1 rows of the inbox queue are stuck"),
    expect.stringContaining(
      `1 transactions have another status than their evidence comes to: txn_${first!.id.replaceAll("-", "")}`,
    ),
    expect.stringContaining(
      `1 transactions have gaps in the numbers of their events: txn_${second!.id.replaceAll("-", "")}`,
    ),
  ]);
});

test("no database, or none yet, is a problem and not a crash", { timeout: minutes }, async () => {
  const gone = await doctor({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing" });
  expect(gone).toEqual({ code: 1, problems: [expect.stringContaining("ECONNREFUSED")] });
  const { code, out } = await runHakika(["doctor"], { HAKIKA_DATA_DIR: newDataFolder() });
  expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining("there is no database in") });
});
