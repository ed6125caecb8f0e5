import type { Sql } from "../../database/connect.ts";

/** A validation that may have been asked before a payment: its connection, channel and dedupe key. */
export type AskedValidation = { connectionId: string; channel: string; key: string };

/** The answer that a validation got, as the provider saw it. */
export type ValidationAnswer = AskedValidation & { body: string };

/**
 * The latest answers to validations with these keys. By the dedupe key of callbacks, so that a batch costs one look-up
 * in that index, however many validations there are.
 */
export async function validationAnswers(
  sql: Sql,
  shard: number,
  asked: AskedValidation[],
): Promise<ValidationAnswer[]> {
  type Row = AskedValidation & { id: string; answer: { body?: string } | null; sealed: Uint8Array | null };
  const rows = await sql<Row[]>`
    select c.id, c.connection_id as "connectionId", c.channel, c.key, c.answer, c.sealed
    from unnest(${asked.map(each => each.connectionId)}::uuid[], ${asked.map(each => each.channel)}::text[],
      ${asked.map(each => each.key)}::text[]) as asked (connection_id, channel, key)
    join callbacks c on c.shard = ${shard} and c.connection_id = asked.connection_id and c.channel = asked.channel
      and c.key = asked.key
    where c.answer is not null or c.sealed is not null
    order by c.id desc`;
  return rows.flatMap(({ id, answer, sealed, ...asked }) => {
    const { body } = (sealed === null ? answer : sql.vault.openJson<{ body?: string }>("callbacks", id, sealed)) ?? {};
    return body === undefined ? [] : { ...asked, body };
  });
}
