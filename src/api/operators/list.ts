import { z } from "zod";
import { operatorShard } from "../auth/api-key.ts";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { operatorJson, operatorSchema } from "./operator-json.ts";
import { operatorIds, operatorsById } from "./store.ts";

export const listOperators = route({
  method: "GET",
  path: "/v1/operators",
  tag: "Operators",
  name: "listOperators",
  summary: "List operators",
  description: "Newest first. Keys are never shown again.",
  access: "admin",
  query: z.strictObject({ limit: listQuery.limit, cursor: listQuery.cursor }),
  responses: { 200: { description: "A page of operators", schema: listOf(operatorSchema) } },
  async handle({ query }, { db }) {
    const { rows, nextCursor } = await newestFirst(
      [operatorShard],
      query,
      (_shard, slice) => operatorIds(db, slice),
      (_shard, ids) => operatorsById(db, ids),
    );
    return ok({ data: rows.map(operatorJson), next_cursor: nextCursor });
  },
});
