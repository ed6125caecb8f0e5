import type { Sql } from "../../database/connect.ts";
import { lowestUuid } from "../../domain/ids.ts";

/** Clocks of processes differ; a callback was received at most this long before its id says so. */
const clockSkewMs = 5_000;

/**
 * Has callbacks read again that answered a question before it was recorded whose it was: they carry one of its conversation's ids in
 * their key. After the commit that recorded it: what is read from then on finds it. One that is being read just now is waited for.
 * Bounded by the time since it was asked.
 */
export async function requeueDeferredAnswers(
  sql: Sql,
  shard: number,
  connectionId: string,
  conversation: readonly string[],
  askedAt: Date,
): Promise<number> {
  const ids = conversation.map(text => text.slice(text.indexOf(":") + 1));
  const result = await sql`
    insert into inbox_queue (shard, callback_id)
    select c.shard, c.id from callbacks c
    where c.shard = ${shard} and c.id >= ${lowestUuid(askedAt.getTime() - clockSkewMs)} and c.connection_id = ${connectionId}
      and exists (select from unnest(${ids}::text[]) as of_question (id) where position(of_question.id in c.key) > 0)
    on conflict (shard, callback_id) do nothing`;
  return result.count;
}
