import type { Sql } from "../../database/connect.ts";
import { everyShard } from "../../database/every-shard.ts";
import type { StatementField } from "../../providers/statement.ts";
import type { StatementState } from "./statement-row.ts";

/** Keeps one sealed part of a file that is being uploaded. */
export async function insertPart(sql: Sql, shard: number, statementId: string, part: number, sealed: string) {
  await sql`
    insert into statement_parts (shard, statement_id, part, sealed)
    values (${shard}, ${statementId}, ${part}, ${sealed})`;
}

export async function deleteParts(sql: Sql, shard: number, statementId: string): Promise<void> {
  await sql`delete from statement_parts where shard = ${shard} and statement_id = ${statementId}`;
}

/** The sealed part of a file; null after the last. */
export async function readPart(sql: Sql, shard: number, statementId: string, part: number): Promise<string | null> {
  const [row] = await sql<{ sealed: string }[]>`
    select sealed from statement_parts
    where shard = ${shard} and statement_id = ${statementId} and part = ${part}`;
  return row?.sealed ?? null;
}

/** Removes parts whose upload ended without a statement, a day after. */
export async function dropStrayParts(sql: Sql): Promise<void> {
  await sql`
    delete from statement_parts p where p.shard = any(${everyShard(sql)}) and p.created_at < now() - interval '1 day'
      and not exists (select 1 from statements s where s.shard = p.shard and s.id = p.statement_id)`;
}

export type UploadedFile = {
  id: string;
  merchantId: string;
  connectionId: string;
  digest: Buffer;
  bytes: number;
  columns: Partial<Record<StatementField, string>> | null;
};

/** Makes a statement to be imported; null where the connection has one of the same bytes. */
export async function insertStatement(sql: Sql, shard: number, file: UploadedFile): Promise<{ id: string } | null> {
  const columns = file.columns === null ? null : sql.json(file.columns);
  const [row] = await sql<{ id: string }[]>`
    insert into statements (shard, id, merchant_id, connection_id, digest, bytes, columns, state, due_at)
    values (${shard}, ${file.id}, ${file.merchantId}, ${file.connectionId}, ${file.digest}, ${file.bytes}, ${columns},
      'importing', now())
    on conflict (shard, connection_id, digest) do nothing
    returning id`;
  return row ?? null;
}

export async function statementOfDigest(
  sql: Sql,
  shard: number,
  { connectionId, digest }: Pick<UploadedFile, "connectionId" | "digest">,
): Promise<{ id: string; state: StatementState } | null> {
  const [row] = await sql<{ id: string; state: StatementState }[]>`
    select id, state from statements
    where shard = ${shard} and connection_id = ${connectionId} and digest = ${digest}`;
  return row ?? null;
}

/**
 * Begins a failed import again, with the columns of this upload and its parts, which become the statement's. False
 * where it has not failed any more.
 */
export async function beginAgain(sql: Sql, shard: number, statementId: string, file: UploadedFile): Promise<boolean> {
  const columns = file.columns === null ? null : sql.json(file.columns);
  const begun = await sql.begin(async tx => {
    const { count } = await tx`
      update statements set state = 'importing', problems = '[]', columns = ${columns}, attempts = 0, settled_rows = 0,
        due_at = now(), lease_id = null, finished_at = null, counts = '{}'
      where shard = ${shard} and id = ${statementId} and state = 'failed'`;
    if (count === 0) return false;
    await tx`delete from statement_lines where shard = ${shard} and statement_id = ${statementId}`;
    return true;
  });
  return begun as boolean;
}
