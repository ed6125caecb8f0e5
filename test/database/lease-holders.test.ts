import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { connectHot, type Sql } from "../../src/database/connect.ts";
import { type LeaseHolder, startLeaseHolder } from "../../src/database/lease-holders.ts";
import { leaseIdsOf, newLeaseId, processId } from "../../src/database/lease-ids.ts";
import { endLeases } from "../../src/database/lease-store.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

/** The checks of these tests are called by hand. */
const neverMs = 3_600_000;

let database: TestDatabase;
const after: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  for (const undo of after.splice(0).reverse()) await undo();
  await database.sql`delete from heartbeats`;
});
afterAll(() => database?.drop());

function connection(): Sql {
  return connectHot(database.url, { applicationName: "hakika test leases", max: 1, isLasting: true });
}

async function newHolder(ended: string[] = []): Promise<LeaseHolder> {
  const holder = await startLeaseHolder(connection(), neverMs);
  after.push(() => holder.stop());
  holder.watch(async id => void ended.push(id));
  return holder;
}

/** Another process: its row, and a connection with its lock. */
async function otherProcess(): Promise<{ id: string; sql: Sql }> {
  const id = randomUUID();
  const sql = connection();
  await sql`
    select pg_advisory_lock_shared(427700921::int4, ('x' || ${id.slice(0, 8)}::text)::bit(32)::int4)`;
  await sql`insert into heartbeats (role, process_id) values ('lease holder', ${id})`;
  after.push(() => sql.end({ timeout: 0 }));
  return { id, sql };
}

const names = async () =>
  (await database.sql<{ id: string }[]>`select process_id as id from heartbeats where role = 'lease holder'`).map(
    row => row.id,
  );

async function checks(holder: LeaseHolder, count: number): Promise<void> {
  for (let check = 0; check < count; check += 1) await holder.check();
}

test("a process whose connection has ended is reported once, and its name is removed", async () => {
  const ended: string[] = [];
  const holder = await newHolder(ended);
  const other = await otherProcess();
  await checks(holder, 10);
  expect(ended).toEqual([]);
  await other.sql.end({ timeout: 0 });
  await expect.poll(() => holder.check().then(() => ended), { timeout: 20_000 }).toEqual([other.id]);
  await checks(holder, 10);
  expect(ended).toEqual([other.id]);
  expect(await names()).toEqual([processId]);
});

test("a process that comes back before the fourth check keeps its leases", async () => {
  const ended: string[] = [];
  const holder = await newHolder(ended);
  const id = randomUUID();
  await database.sql`insert into heartbeats (role, process_id) values ('lease holder', ${id})`;
  await checks(holder, 3);
  const back = connection();
  after.push(() => back.end({ timeout: 0 }));
  await back`select pg_advisory_lock_shared(427700921::int4, ('x' || ${id.slice(0, 8)}::text)::bit(32)::int4)`;
  await checks(holder, 10);
  expect(ended).toEqual([]);
});

test("a take-over that fails is tried again at the next check", async () => {
  const holder = await newHolder();
  const id = randomUUID();
  await database.sql`insert into heartbeats (role, process_id) values ('lease holder', ${id})`;
  let tries = 0;
  holder.watch(async () => {
    tries += 1;
    if (tries === 1) throw new Error("the database is unavailable");
  });
  await expect.poll(() => holder.check().then(() => tries), { timeout: 20_000 }).toBe(2);
  await expect.poll(names).toEqual([processId]);
});

test("a process whose connection was lost takes its name again at its next check", async () => {
  const holder = await newHolder();
  const isHeld = async () => {
    const [row] = await database.sql<{ held: boolean }[]>`
      select exists (select from pg_locks l join pg_database d on d.oid = l.database
        where l.locktype = 'advisory' and l.classid = 427700921::oid and d.datname = current_database()) as held`;
    return row!.held;
  };
  expect(await isHeld()).toBe(true);
  await database.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'hakika test leases'`;
  await database.sql`delete from heartbeats`;
  await expect.poll(() => holder.check().then(isHeld), { timeout: 20_000 }).toBe(true);
  expect(await names()).toEqual([processId]);
});

test("a lease id names its process, and no other", () => {
  const { first, last } = leaseIdsOf(processId);
  const own = newLeaseId();
  expect(own >= first && own <= last).toBe(true);
  const other = leaseIdsOf(randomUUID());
  expect(own >= other.first && own <= other.last).toBe(false);
});

test("every table with leases gives up those of a process that ended, and no others", async () => {
  const { sql } = database;
  const columns = await sql<{ table: string; name: string; type: string }[]>`
    select c.table_name as table, c.column_name as name, c.data_type as type from information_schema.columns c
    where c.table_schema = 'public' and (c.is_nullable = 'NO' and c.column_default is null or c.column_name ~ '^lease|^due_at$') and exists (
      select from information_schema.columns l
      where l.table_schema = 'public' and l.table_name = c.table_name and l.column_name = 'lease_id')`;
  const names = [...new Set(columns.map(({ table }) => table))];
  const tables = new Map(names.map(name => [name, columns.filter(({ table }) => table === name)]));
  expect(tables.size).toBeGreaterThan(5);
  const ofOther = newUuid(1);
  for (const [table, own] of tables) {
    for (const lease of [newLeaseId(), ofOther]) {
      const values = own.map(({ name, type }) =>
        name === "lease_id" ? `'${lease}'` : (namedValue[`${table}.${name}`] ?? namedValue[name] ?? anyValue[type]!),
      );
      await sql.unsafe(`insert into ${table} (${own.map(({ name }) => name)}) values (${values})`);
    }
  }
  await endLeases(sql, processId);
  for (const [table, own] of tables) {
    const until = own.find(({ name }) => name === "leased_until" || name === "due_at")!.name;
    const running = await sql.unsafe(`select lease_id as lease from ${table} where ${until} > now()`);
    expect(running, table).toEqual([{ lease: ofOther }]);
  }
});

/** Columns that take some values only. */
const namedValue: Record<string, string> = { state: "'importing'", "relays.state": "'pending'" };

/** Of a row that is leased for another minute. */
const anyValue: Record<string, string> = {
  smallint: "1",
  integer: "1",
  bigint: "1",
  boolean: "false",
  text: "'x'",
  uuid: "gen_random_uuid()",
  bytea: "sha256('x')",
  "timestamp with time zone": "now() + interval '1 minute'",
};
