import type { Sql } from "../../database/connect.ts";

/** What an approval has of a person. `isOver`: nothing needs its request any more. */
export type StoredApproval = { id: string; summary: string; request: string; isOver: boolean };

/** The approvals of a shard from an id on. */
export async function storedApprovals(
  sql: Sql,
  shard: number,
  from: string,
  rowsMax: number,
): Promise<StoredApproval[]> {
  return await sql<StoredApproval[]>`
    select id, summary, request, state = 'rejected' or done_at is not null
      or (state = 'pending' and expires_at < now()) as "isOver"
    from approvals where shard = ${shard} and id > ${from} order by id limit ${rowsMax}`;
}

export async function writeApprovals(
  sql: Sql,
  shard: number,
  rows: Pick<StoredApproval, "id" | "summary" | "request">[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    update approvals a set summary = r.summary, request = r.request
    from unnest(${rows.map(r => r.id)}::uuid[], ${rows.map(r => r.summary)}::text[],
      ${rows.map(r => r.request)}::text[]) as r (id, summary, request)
    where a.shard = ${shard} and a.id = r.id`;
}
