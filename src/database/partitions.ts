import type { Sql } from "./connect.ts";

const dayMs = 86_400_000;
const daysAhead = 7;

/**
 * Makes the daily partitions of raw bodies for today and the week to come. A day that exists is left alone; so is one
 * whose rows are already in the default partition (a clock was far off): they stay there until retention.
 */
export async function ensurePartitions(sql: Sql): Promise<void> {
  const today = await databaseDay(sql);
  const made = new Set(await partitionNames(sql));
  for (let day = 0; day <= daysAhead; day += 1) {
    const from = today + day * dayMs;
    if (made.has(nameOf(from))) continue;
    try {
      await inBrief(sql, partitionOf(from));
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === lockNotHad) return;
      if (!toleratedCodes.has(code ?? "")) throw error;
    }
  }
}

/** Makes a daily partition by its name, where it is not there yet; nothing for the name of another table. */
export async function ensurePartitionNamed(sql: Sql, name: string): Promise<void> {
  const day = dayOf(name);
  if (day !== null) await inBrief(sql, partitionOf(day));
}

function partitionOf(day: number): string {
  const bounds = `from ('${boundOf(day)}') to ('${boundOf(day + dayMs)}')`;
  return `create table if not exists ${nameOf(day)} partition of callback_bodies for values ${bounds}`;
}

/** A number that no other advisory lock of this program uses. */
const partitionLock = 4_277_009_105;

/**
 * Both statements lock the whole table. While they wait for a reader, a backup perhaps, all writers wait behind them.
 * So they give up soon, and the next housekeeping goes on. Shorter than the time after which a receiver takes the
 * database for unavailable.
 */
const lockWait = "1s";
const lockNotHad = "55P03";

/**
 * Rows of that day are in the default partition; or another process, of a version without this lock, is making the same
 * partition.
 */
const toleratedCodes = new Set(["23514", "42P07", "23505", "42P17"]);

/**
 * Drops the days that ended more than `retentionDays` ago; answers how many, and how many have to wait because the
 * table is in use. Keys, evidence and transactions stay.
 */
export async function dropOldPartitions(
  sql: Sql,
  retentionDays: number,
): Promise<{ dropped: number; postponed: number }> {
  const today = await databaseDay(sql);
  const old = (await partitionNames(sql)).filter(name => {
    const day = dayOf(name);
    return day !== null && day + dayMs <= today - retentionDays * dayMs;
  });
  let dropped = 0;
  for (const name of old) {
    try {
      await inBrief(sql, `drop table if exists ${name}`);
      dropped += 1;
    } catch (error) {
      if ((error as { code?: string }).code !== lockNotHad) throw error;
      break;
    }
  }
  await sql`delete from callback_bodies_default where id < ${boundOf(today - retentionDays * dayMs)}`;
  return { dropped, postponed: old.length - dropped };
}

/**
 * One process at a time, by a lock that ends with the transaction or the connection: of two that drop one day at the
 * same moment, PostgreSQL fails one with "could not find tuple for parent of relation".
 */
async function inBrief(sql: Sql, statement: string): Promise<void> {
  await sql.begin(async tx => {
    // A cluster's other nodes have the limit only so; one server knows no such setting and ignores it.
    await tx.unsafe("set local citus.propagate_set_commands = 'local'");
    await tx.unsafe(`set local lock_timeout = '${lockWait}'`);
    await tx`select pg_advisory_xact_lock(${partitionLock})`;
    await tx.unsafe(statement);
  });
}

async function partitionNames(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'callback_bodies'::regclass`;
  return rows.map(({ name }) => name);
}

async function databaseDay(sql: Sql): Promise<number> {
  const [row] = await sql<
    { ms: number }[]
  >`select extract(epoch from date_trunc('day', now() at time zone 'UTC'))::float8 * 1000 as ms`;
  return row!.ms;
}

function nameOf(dayStartMs: number): string {
  return `callback_bodies_${new Date(dayStartMs).toISOString().slice(0, 10).replaceAll("-", "")}`;
}

function dayOf(name: string): number | null {
  const match = /^callback_bodies_(\d{4})(\d{2})(\d{2})$/.exec(name);
  return match ? Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) : null;
}

/** Below every UUIDv7 of that millisecond. */
function boundOf(ms: number): string {
  const hex = ms.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
