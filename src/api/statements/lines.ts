import { z } from "zod";
import { verdicts } from "../../books/statements/statement-row.ts";
import { merchantScope } from "../caller.ts";
import { listOf } from "../lists/list.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { lineJson, lineSchema } from "./line-json.ts";
import { findStatement, linesOf } from "./store.ts";

const limitMax = 200;

/** The row after which the next page begins, as opaque text. */
const lineCursor = z
  .string()
  .regex(/^[0-9a-z]{1,6}$/, "is not a cursor: send next_cursor unchanged, or leave it out for the first page")
  .meta({ description: "`next_cursor` of the previous page" })
  .transform(text => Number.parseInt(text, 36));

export const listStatementLines = route({
  method: "GET",
  path: "/v1/statements/{id}/lines",
  tag: "Books",
  name: "listStatementLines",
  summary: "List a statement's lines with their verdicts",
  description: "In the order of the file; what is missing on it comes last.",
  access: "any",
  ids: { id: "statement" },
  query: z.strictObject({
    limit: z.coerce.number("must be a number").int().min(1).max(limitMax).default(50),
    cursor: lineCursor.optional(),
    verdict: z.enum(verdicts).optional(),
  }),
  responses: { 200: { description: "A page of lines", schema: listOf(lineSchema) } },
  async handle({ caller, ids, query }, { db }) {
    const statement = await findStatement(db, ids.id, merchantScope(caller));
    if (statement === null) return noSuch("statement");
    const { limit, cursor: after = 0, verdict } = query;
    const rows = await linesOf(db, ids.id, { after, count: limit + 1, verdict });
    const page = rows.slice(0, limit);
    const nextCursor = rows.length > limit ? page.at(-1)!.seq.toString(36) : null;
    return ok({ data: page.map(lineJson), next_cursor: nextCursor });
  },
});
