import type { Logger } from "pino";
import type { Sql } from "./connect.ts";

const everyMs = 1000;
/** Fewer pages are read in no time, whatever the plan. */
const pagesMin = 16;
/** A table that is as many times as large as when it was analyzed is planned for anew. */
const growth = 2;
/** So is one of which as many rows were changed as it has, and these at least. */
const changesMin = 5000;

/**
 * Keeps the planner's picture of the tables in step with their growth. Prepared statements keep the plan they were given: one made
 * while a table had three pages reads it whole, or everything of its shard, for each key; autovacuum sees to that a minute later. A
 * claim of 64 deliveries then took 850 ms beside a backlog of 50,000, and 3 ms after an ANALYZE. It gives way to a running vacuum.
 */
export function startStatistics(deps: { sql: Sql; log: Logger }): { look(): Promise<string[]>; stop(): void } {
  const { sql, log } = deps;
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;

  /** Analyzes what has grown; answers the tables' names. */
  async function look(): Promise<string[]> {
    const tables = await grownTables(sql);
    // One after the other: each reads a sample of 30,000 rows at most, some tens of milliseconds.
    for (const table of tables) await sql`analyze (skip_locked) ${sql(table)}`;
    return tables;
  }

  function next(): void {
    if (isStopped) return;
    timer = setTimeout(() => {
      look()
        .catch(error => log.debug({ err: error }, "tables not analyzed"))
        .finally(next);
    }, everyMs).unref();
  }
  next();

  return {
    look,
    stop() {
      isStopped = true;
      if (timer) clearTimeout(timer);
    },
  };
}

async function grownTables(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select c.relname as name
    from pg_class c left join pg_stat_user_tables s on s.relid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and pg_relation_size(c.oid) > ${pagesMin} * current_setting('block_size')::int
      and (pg_relation_size(c.oid) > ${growth} * greatest(c.relpages, 0)::int8 * current_setting('block_size')::int
        or s.n_mod_since_analyze > greatest(${changesMin}::int8, s.n_live_tup))
    order by c.relname`;
  return rows.map(row => row.name);
}
