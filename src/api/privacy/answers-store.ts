import type { Sql } from "../../database/connect.ts";

type StoredAnswer = { scope: string; key: string; answer: string };

/** The stored answers of a shard's idempotency keys. They live for a day, so there are few. */
export async function storedAnswers(sql: Sql, shard: number): Promise<StoredAnswer[]> {
  return await sql<StoredAnswer[]>`
    select scope, key, answer from idempotency_keys where shard = ${shard} and answer is not null`;
}

/** Deletes stored answers: the same key is then a new request. */
export async function deleteAnswers(sql: Sql, shard: number, answers: StoredAnswer[]): Promise<void> {
  if (answers.length === 0) return;
  await sql`
    delete from idempotency_keys k
    using unnest(${answers.map(a => a.scope)}::text[], ${answers.map(a => a.key)}::text[]) as r (scope, key)
    where k.shard = ${shard} and k.scope = r.scope and k.key = r.key`;
}
