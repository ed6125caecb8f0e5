import type { Queryable } from "./connect.ts";

/** A word of a callback in quarantine that looks like a receipt. */
export type QuarantinedWord = { callbackId: string; word: string };

/** Keeps words by which callbacks in quarantine are found. A callback that leaves it is found by its transaction. */
export async function insertQuarantinedWords(
  tx: Queryable,
  shard: number,
  words: readonly QuarantinedWord[],
): Promise<void> {
  if (words.length === 0) return;
  await tx`
    insert into quarantined_words (shard, word, callback_id)
    select ${shard}, word, callback_id
    from unnest(${words.map(w => w.word)}::text[], ${words.map(w => w.callbackId)}::uuid[]) as w (word, callback_id)
    -- A copy is no callback of its own.
    where exists (select 1 from callbacks c where c.shard = ${shard} and c.id = w.callback_id)
    on conflict do nothing`;
}
