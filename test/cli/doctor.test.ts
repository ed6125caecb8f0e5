import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkDisk } from "../../src/cli/doctor/checks.ts";
import { publicId } from "../../src/domain/ids.ts";
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

test("a rotation seals every value with the new key, once, and the old key can be removed", {
  timeout: 2 * minutes,
}, async () => {
  expect(await doctor()).toEqual({ code: 0, problems: [] });
  const both = { HAKIKA_SECRET_KEY: `new:${keys.new},old:${keys.old}` };
  const rotate = async () => JSON.parse((await runHakika(["keys", "rotate", "--json"], { ...env, ...both })).out);
  const first = await rotate();
  expect(first).toMatchObject({ key: "new", key_added: false, values_by_key: { new: first.resealed } });
  expect(first.columns).toMatchObject({
    "connections.credentials": 1,
    "installation_keys.sealed": 3,
    // The simulation deleted its endpoint, and with it the secret.
    "endpoint_secrets.secret": 0,
  });
  expect(await rotate()).toMatchObject({ resealed: 0 });

  expect((await doctor()).problems).toEqual([expect.stringContaining("keys that are missing: new")]);
  await expectAnotherKeyUnderTheSameIdToBeNamed();
  env.HAKIKA_SECRET_KEY = `new:${keys.new}`;
  expect(await doctor()).toEqual({ code: 0, problems: [] });
  expect(await runHakika(["simulate", "kyanda", "payout-success"], env)).toMatchObject({ code: 0 });
});

async function expectAnotherKeyUnderTheSameIdToBeNamed(): Promise<void> {
  const another = { HAKIKA_SECRET_KEY: `new:${randomBytes(32).toString("base64")}` };
  expect(await doctor(another)).toEqual({
    code: 1,
    problems: [expect.stringContaining("another key, under the same id")],
  });
  const rotated = await runHakika(["keys", "rotate"], { ...env, ...another });
  expect(rotated).toMatchObject({ code: 1, out: "", err: expect.stringContaining("nothing was rotated") });
}

test("a sealed value that was changed is named by its column, and stops a rotation", {
  timeout: 2 * minutes,
}, async () => {
  const { sql } = database;
  const [row] = await sql<{ id: string; credentials: string }[]>`select id, credentials from connections limit 1`;
  await sql`update connections set credentials = overlay(credentials placing 'AAAA' from 20) where id = ${row!.id}`;
  expect(await doctor()).toEqual({ code: 1, problems: [expect.stringContaining("connections.credentials (1 value)")] });
  expect(await runHakika(["keys", "rotate"], env)).toMatchObject({
    code: 1,
    err: expect.stringContaining("nothing was rotated"),
  });
  await sql`update connections set credentials = ${row!.credentials} where id = ${row!.id}`;
  expect(await doctor()).toEqual({ code: 0, problems: [] });
});

test("an unfinished transaction that is missing from the poll schedule is named", {
  timeout: 2 * minutes,
}, async () => {
  const { sql } = database;
  const [connection] = await sql<{ id: string }[]>`select id from connections limit 1`;
  const registered = await runHakika(
    [
      "transactions",
      "create",
      "--connection",
      publicId("connection", connection!.id),
      "--kind",
      "mobile_payout",
      "--ref",
      "transaction_ref=T1",
      "--json",
    ],
    env,
  );
  const { id } = JSON.parse(registered.out) as { id: string };
  const [place] = await sql`select * from poll_queue`;
  await sql`delete from poll_queue`;
  expect(await doctor()).toEqual({
    code: 1,
    problems: [expect.stringContaining(`not final and not on the poll schedule: ${id}`)],
  });
  await sql`insert into poll_queue ${sql({ ...place!, ends_at: new Date(Date.now() - 2 * 60 * minutes) })}`;
  expect(await doctor()).toEqual({
    code: 1,
    problems: [expect.stringContaining("1 transaction is past the end of polling")],
  });
  const resolved = ["transactions", "resolve", id, "--status", "failed", "--note", "a trial"];
  expect(await runHakika(resolved, env)).toMatchObject({ code: 0 });
});

test("a delivery that is missing from its queue is named, and the advised command queues it", {
  timeout: 2 * minutes,
}, async () => {
  const { sql } = database;
  const [merchant] = await sql<{ id: string }[]>`select id from merchants limit 1`;
  const flags = ["--merchant", publicId("merchant", merchant!.id), "--url", "https://merchant.example/hooks", "--json"];
  const { id: endpoint } = JSON.parse((await runHakika(["endpoints", "create", ...flags], env)).out) as { id: string };
  await runHakika(["endpoints", "test", endpoint], env);
  await sql`delete from delivery_queue`;
  await sql`update deliveries set created_at = now() - interval '1 hour'`;
  const { problems } = await doctor();
  expect(problems).toEqual([expect.stringContaining("1 delivery is pending and not queued: dlv_")]);
  const id = /dlv_\w+/.exec(problems[0]!)![0];
  expect(await runHakika(["deliveries", "retry", id], env)).toMatchObject({
    code: 0,
    out: expect.stringContaining(id),
  });
  expect(await doctor()).toEqual({ code: 0, problems: [] });
  expect(await runHakika(["endpoints", "disable", endpoint], env)).toMatchObject({ code: 0 });
  expect((await runHakika(["doctor"], env)).out).toContain(
    `hakika endpoints enable ${endpoint}, then hakika endpoints recover`,
  );
});

test("a database that takes no writes, and a full disk, are problems", { timeout: minutes }, async () => {
  const { sql } = database;
  const [{ name } = { name: "" }] = await sql<{ name: string }[]>`select current_database() as name`;
  await sql`alter database ${sql(name)} set default_transaction_read_only = on`;
  expect((await doctor()).problems).toEqual([expect.stringContaining("takes no writes")]);
  await sql`alter database ${sql(name)} reset default_transaction_read_only`;
  expect(checkDisk({ dataDir: "data" }, () => 100 * 1024 * 1024)).toMatchObject([{ level: "problem" }]);
  expect(checkDisk({ dataDir: "data" }, () => 1024 ** 4)).toEqual([]);
});

test("no simulation starts its own server where a worker runs that it cannot find", { timeout: minutes }, async () => {
  const { sql } = database;
  await sql`insert into heartbeats (role, process_id) values ('worker', ${randomUUID()})`;
  const { code, out, err } = await runHakika(["simulate", "kyanda", "payout-success"], env);
  expect({ code, out, err }).toEqual({
    code: 1,
    out: "",
    err: expect.stringMatching(/a worker runs on this database[\s\S]*PORT/),
  });
  await sql`delete from heartbeats`;
});

test("a status that its evidence does not give, a missing event and an overdue row are each named", {
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
    expect.stringContaining("1 row of the inbox queue is overdue"),
    expect.stringContaining(
      `1 transaction has another status than its evidence gives: txn_${first!.id.replaceAll("-", "")}`,
    ),
    expect.stringContaining(
      `1 transaction has gaps in the numbers of its events: txn_${second!.id.replaceAll("-", "")}`,
    ),
  ]);
});

test("an unavailable database, or none yet, is a problem and not a crash", { timeout: minutes }, async () => {
  const gone = await doctor({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing" });
  expect(gone).toEqual({ code: 1, problems: [expect.stringContaining("ECONNREFUSED")] });
  const { code, out } = await runHakika(["doctor"], { HAKIKA_DATA_DIR: newDataFolder() });
  expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining("there is no database in") });
});
