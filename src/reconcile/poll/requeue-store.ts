import type { Sql } from "../../database/connect.ts";
import { lowestUuid } from "../../domain/ids.ts";

/** Clocks of processes differ: a callback may have been received this long before its id says. */
const clockSkewMs = 5_000;

/**
 * Queues callbacks for another reading that may hold the deferred answer to a poll: their keys contain one of the
 * conversation's ids. A callback that was read before the conversation was recorded was not matched to the transaction.
 * Runs after the commit that records the conversation; the insert waits for a callback that is being read just now.
 * Limited to callbacks since the poll.
 */
export async function requeueDeferredAnswers(
  sql: Sql,
  shard: number,
  connectionId: string,
  conversation: readonly string[],
  polledAt: Date,
): Promise<number> {
  const ids = conversation.map(text => text.slice(text.indexOf(":") + 1));
  const queued = await sql<{ callback_id: string }[]>`
    insert into inbox_queue (shard, callback_id)
    select c.shard, c.id from callbacks c
    where c.shard = ${shard} and c.id >= ${lowestUuid(polledAt.getTime() - clockSkewMs)}
      and c.connection_id = ${connectionId}
      and exists (select 1 from unnest(${ids}::text[]) as of_question (id) where position(of_question.id in c.key) > 0)
    on conflict (shard, callback_id) do nothing
    returning callback_id`;
  return queued.length;
}
