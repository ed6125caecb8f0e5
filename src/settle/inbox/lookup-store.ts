import type { Sql } from "../../database/connect.ts";

/** A question about a receipt, asked by a person, that has no answer yet. */
export type AskedLookup = { id: string; connectionId: string; receipt: string; conversation: string[] };

/** The open questions of connections that an answer names by its conversation or by its receipt. */
export async function askedLookups(
  sql: Sql,
  shard: number,
  connectionIds: string[],
  conversation: string[],
  receipts: string[],
): Promise<AskedLookup[]> {
  return await sql<AskedLookup[]>`
    select id, connection_id as "connectionId", receipt, conversation from lookups
    where shard = ${shard} and state = 'asking' and connection_id = any(${connectionIds}::uuid[])
      and (conversation && ${conversation}::text[] or receipt = any(${receipts}::text[]))`;
}

/** Ends questions without a transaction; the reasons are for people. */
export async function refuseLookups(
  sql: Sql,
  shard: number,
  refused: { id: string; state: "not_found" | "unavailable"; reason: string }[],
): Promise<void> {
  if (refused.length === 0) return;
  await sql`
    update lookups l set state = r.state, reason = r.reason, answered_at = now()
    from unnest(${refused.map(r => r.id)}::uuid[], ${refused.map(r => r.state)}::text[],
      ${refused.map(r => r.reason)}::text[]) as r (id, state, reason)
    where l.shard = ${shard} and l.id = r.id and l.state = 'asking'`;
}
