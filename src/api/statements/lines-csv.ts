import { z } from "zod";
import { verdicts } from "../../books/statements/statement-row.ts";
import { publicId } from "../../domain/ids.ts";
import { merchantScope } from "../caller.ts";
import { csvRow } from "../csv.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { noSuch } from "../problem.ts";
import { csvFile } from "../response.ts";
import { route } from "../route.ts";
import { type LineJson, lineJson } from "./line-json.ts";
import { findStatement, linesOf } from "./store.ts";

const pageRows = 1_000;

const columns = [
  "line",
  "verdict",
  "receipt",
  "completed_at",
  "amount",
  "currency",
  "transaction_id",
  "problem",
] as const satisfies (keyof LineJson)[];

export const exportStatementLines = route({
  method: "GET",
  path: "/v1/statements/{id}/lines.csv",
  tag: "Books",
  name: "exportStatementLines",
  summary: "Get a statement's lines as CSV",
  description: `Columns: ${columns.join(", ")}.`,
  access: "any",
  ids: { id: "statement" },
  query: z.strictObject({ verdict: z.enum(verdicts).optional() }),
  responses: { 200: { description: "The lines with their verdicts", schema: "csv" } },
  async handle({ caller, ids, query }, { db }) {
    const statement = await findStatement(db, ids.id, merchantScope(caller));
    if (statement === null) return noSuch("statement");
    return csvFile(`${publicId("statement", ids.id)}.csv`, rowsOf(db, ids.id, query.verdict));
  },
});

async function* rowsOf(db: DrizzleQueryable, id: string, verdict: (typeof verdicts)[number] | undefined) {
  yield csvRow(columns);
  for (let after = 0; ; ) {
    const rows = await linesOf(db, id, { after, count: pageRows, verdict });
    if (rows.length === 0) return;
    const lines = rows.map(lineJson).map(line => csvRow(columns.map(name => line[name]?.toString() ?? null)));
    yield lines.join("");
    after = rows.at(-1)!.seq;
  }
}
