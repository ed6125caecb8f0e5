import { z } from "zod";
import { idInput } from "../schemas/fields.ts";
import { cursorInput, cursorOf } from "./cursor.ts";

const limitMax = 200;
const limitDefault = 50;

/** Query parameters of every list. With a merchant's key, `merchant_id` may only be its own. */
export const listQuery = {
  limit: z.coerce.number("must be a number").int().min(1).max(limitMax).default(limitDefault),
  cursor: cursorInput.optional(),
  merchant_id: idInput("merchant").optional(),
};

/** The response of every list. */
export const listOf = (item: z.ZodType) =>
  z.object({
    data: z.array(item),
    next_cursor: z
      .string()
      .nullable()
      .meta({ examples: [null] }),
  });

/** The rows of a page: at most `count`, with ids below `before`. */
export type Slice = { before: string | null; count: number };
type ListPage<Row> = { rows: Row[]; nextCursor: string | null };

/**
 * A page over several shards, newest first by id. Each shard supplies ids only; they are merged, and the rows of this
 * page alone are read. UUIDv7 sorts by time in every shard, so one cursor works for all of them. At most 64 x 201 ids
 * are in memory; postgres.js pipelines the queries over its few connections.
 */
export async function newestFirst<Row extends { id: string }>(
  shards: number[],
  query: { limit: number; cursor?: string | undefined },
  idsOf: (shard: number, slice: Slice) => Promise<{ id: string }[]>,
  rowsOf: (shard: number, ids: string[]) => Promise<Row[]>,
): Promise<ListPage<Row>> {
  const slice = { before: query.cursor ?? null, count: query.limit + 1 };
  const perShard = await Promise.all(
    shards.map(async shard => (await idsOf(shard, slice)).map(({ id }) => ({ shard, id }))),
  );
  const newest = perShard.flat().sort(byIdDescending);
  const page = newest.slice(0, query.limit);
  const idsByShard = new Map<number, string[]>();
  for (const { shard, id } of page) idsByShard.set(shard, [...(idsByShard.get(shard) ?? []), id]);
  const rows = await Promise.all([...idsByShard].map(([shard, ids]) => rowsOf(shard, ids)));
  const last = page.at(-1);
  return {
    rows: rows.flat().sort(byIdDescending),
    nextCursor: newest.length > query.limit && last ? cursorOf(last.id) : null,
  };
}

function byIdDescending(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}
