import type { Queryable } from "../database/connect.ts";
import type { DecisionRequest } from "./decision.ts";
import type { SentAnswer } from "./sent-answer.ts";

/** The answer sent to an earlier copy of the callback, by any process; null where there is none. */
export async function findEarlierAnswer(
  sql: Queryable,
  { connection, callback }: DecisionRequest,
): Promise<SentAnswer | null> {
  const [row] = await sql<{ answer: SentAnswer | null }[]>`
    select answer from callbacks
    where shard = ${connection.shard} and connection_id = ${connection.id} and channel = ${callback.channel}
      and key = ${callback.key} and digest = ${callback.digest}`;
  return row?.answer ?? null;
}
