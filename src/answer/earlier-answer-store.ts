import type { Queryable } from "../database/connect.ts";
import type { DecisionRequest } from "./decision.ts";
import type { SentAnswer } from "./sent-answer.ts";

/** The answer sent to an earlier copy of the callback, by any process; null where there is none. */
export async function findEarlierAnswer(
  sql: Queryable,
  { connection, callback }: DecisionRequest,
): Promise<SentAnswer | null> {
  const [row] = await sql<{ id: string; answer: SentAnswer | null; sealed: Uint8Array | null }[]>`
    select id, answer, sealed from callbacks
    where shard = ${connection.shard} and connection_id = ${connection.id} and channel = ${callback.channel}
      and key = ${callback.key} and digest = ${callback.digest}`;
  if (row === undefined) return null;
  return row.sealed === null ? row.answer : sql.vault.openJson("callbacks", row.id, row.sealed);
}
