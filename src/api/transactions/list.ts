import { z } from "zod";
import { environments, kindNames, reviewReasons, statuses } from "../../domain/kinds.ts";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idInput, timeInput } from "../schemas/fields.ts";
import { transactionIds, transactionsById } from "./store.ts";
import { transactionRowJson } from "./transaction-json.ts";
import { transactionSchema } from "./transaction-schema.ts";

/** The filters of the list, which its CSV has too. */
export const transactionQuery = z.strictObject({
  ...listQuery,
  status: z.enum(statuses).optional(),
  provider: z.string().optional(),
  kind: z.enum(kindNames).optional(),
  environment: z.enum(environments).optional(),
  connection_id: idInput("connection").optional(),
  reference: z.string().optional().meta({ description: "Compared trimmed and in any letter case" }),
  provider_ref: z.string().optional().meta({ description: "The exact value of any of `provider_refs`" }),
  review: z
    .enum(["true", "false", ...reviewReasons])
    .optional()
    .meta({ description: "A reason, or `true` for any review, or `false` for none" }),
  created_after: timeInput.optional().meta({ description: "Created at this time or later" }),
  created_before: timeInput.optional().meta({ description: "Created before this time" }),
});

export const listTransactions = route({
  method: "GET",
  path: "/v1/transactions",
  tag: "Transactions",
  name: "listTransactions",
  summary: "List transactions",
  description: "Newest first. Merged transactions are shown once, as the transaction that they were merged into.",
  access: "any",
  query: transactionQuery,
  responses: { 200: { description: "A page of transactions", schema: listOf(transactionSchema) } },
  async handle({ caller, query }, { db }) {
    const scope = await listScope(caller, query, [query.connection_id], db);
    if (scope.kind === "problem") return scope;
    const filter = { ...query, merchantId: scope.merchantId };
    const { rows, nextCursor } = await newestFirst(
      scope.shards,
      query,
      (shard, slice) => transactionIds(db, shard, slice, filter),
      (shard, ids) => transactionsById(db, shard, ids),
    );
    return ok({ data: rows.map(transactionRowJson), next_cursor: nextCursor });
  },
});
