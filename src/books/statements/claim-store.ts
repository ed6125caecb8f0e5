import type { Sql } from "../../database/connect.ts";
import { everyShard } from "../../database/every-shard.ts";
import { newLeaseId } from "../../database/lease-ids.ts";
import type { StatementRow } from "./statement-row.ts";

/** A leased import. `settledRows`: what an interrupted one has done. */
export type ImportClaim = Pick<StatementRow, "shard" | "id" | "connectionId" | "columns" | "settledRows"> & {
  leaseId: string;
  attempts: number;
};

const leaseS = 30;

/** Shards with imports that are due. */
export async function shardsWithImports(sql: Sql): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`
    select distinct shard from statements
    where shard = any(${everyShard(sql)}) and state = 'importing' and due_at <= now()`;
  return rows.map(row => row.shard);
}

/** Leases the import of a shard that has been due for longest; null where none is. */
export async function claimImport(sql: Sql, shard: number): Promise<ImportClaim | null> {
  const leaseId = newLeaseId();
  const [row] = await sql<Omit<ImportClaim, "leaseId">[]>`
    with due as materialized (
      select id from statements where shard = ${shard} and state = 'importing' and due_at <= now()
      order by due_at limit 1 for update skip locked
    )
    update statements s set lease_id = ${leaseId}, due_at = now() + make_interval(secs => ${leaseS}),
      attempts = attempts + 1
    from due where s.shard = ${shard} and s.id = due.id
    returning s.shard, s.id, s.connection_id as "connectionId", s.columns, s.settled_rows as "settledRows", s.attempts`;
  return row ? { ...row, leaseId } : null;
}

/** Keeps how far the import has come, and extends the lease; false where another process has it. */
export async function keepSettledRows(sql: Sql, claim: ImportClaim, settledRows: number): Promise<boolean> {
  const { count } = await sql`
    update statements set settled_rows = ${settledRows}, attempts = 0,
      due_at = now() + make_interval(secs => ${leaseS})
    where shard = ${claim.shard} and id = ${claim.id} and lease_id = ${claim.leaseId} and state = 'importing'`;
  return count > 0;
}

/** Gives the import back, to be tried again in so many seconds. */
export async function postponeImport(sql: Sql, claim: ImportClaim, seconds: number): Promise<void> {
  await sql`
    update statements set due_at = now() + make_interval(secs => ${seconds}), lease_id = null
    where shard = ${claim.shard} and id = ${claim.id} and lease_id = ${claim.leaseId}`;
}

/** Ends the import as failed. */
export async function failImport(sql: Sql, claim: ImportClaim, problems: string[]): Promise<boolean> {
  const { count } = await sql`
    update statements set state = 'failed', problems = ${sql.json(problems)}, lease_id = null, finished_at = now()
    where shard = ${claim.shard} and id = ${claim.id} and lease_id = ${claim.leaseId}`;
  return count > 0;
}
