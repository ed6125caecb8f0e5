import { z } from "zod";
import { environments, kindNames, reviewReasons, statuses } from "../../domain/kinds.ts";
import { beginningHash, nameCharsMin, searchableName } from "../../settle/name-hashes.ts";
import { createdQuery } from "../lists/created.ts";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idInput, phoneInput, timeInput } from "../schemas/fields.ts";
import { filteredIds } from "./filter-store.ts";
import { transactionsById } from "./store.ts";
import { transactionRowJson } from "./transaction-json.ts";
import { transactionSchema } from "./transaction-schema.ts";

const amountInput = z.string().regex(/^\d{1,15}(\.\d{1,4})?$/, 'must be an amount, such as "5000.00"');
const nameBeginning = z
  .string()
  .max(200)
  .refine(text => [...searchableName(text)].length >= nameCharsMin, `must have ${nameCharsMin} characters or more`);

export const listTransactions = route({
  method: "GET",
  path: "/v1/transactions",
  tag: "Transactions",
  name: "listTransactions",
  summary: "List transactions",
  description: "Newest first. Merged transactions are shown once, as the transaction that they were merged into.",
  access: "any",
  query: z.strictObject({
    ...listQuery,
    status: z.enum(statuses).optional(),
    provider: z.string().optional(),
    kind: z.enum(kindNames).optional(),
    environment: z.enum(environments).optional(),
    connection_id: idInput("connection").optional(),
    reference: z.string().optional().meta({ description: "Compared trimmed and in any letter case" }),
    provider_ref: z
      .string()
      .optional()
      .meta({ description: "The value of any of `provider_refs`, in any letter case" }),
    review: z
      .enum(["true", "false", ...reviewReasons])
      .optional()
      .meta({ description: "A reason, or `true` for any review, or `false` for none" }),
    phone: phoneInput.optional().meta({ description: "In any form: `0712…`, `254712…`, `+254712…`" }),
    party_name: nameBeginning.optional().meta({ description: "Begins with, in any letter case; 3 characters or more" }),
    amount_min: amountInput.optional().meta({ description: "In main units of the transaction's currency" }),
    amount_max: amountInput.optional(),
    ...createdQuery,
    occurred_after: timeInput.optional().meta({ description: "`occurred_at` at this time or later" }),
    occurred_before: timeInput.optional().meta({ description: "`occurred_at` before this time" }),
  }),
  responses: { 200: { description: "A page of transactions", schema: listOf(transactionSchema) } },
  async handle({ caller, query }, { db, sql, phones }) {
    const { vault } = sql;
    const scope = await listScope(caller, query, [query.connection_id], db);
    if (scope.kind === "problem") return scope;
    const filter = {
      ...query,
      merchantId: scope.merchantId,
      phoneHash: query.phone === undefined ? undefined : phones.ofPhone(query.phone),
      nameHash: query.party_name === undefined ? undefined : beginningHash(query.party_name, vault)!,
    };
    const { rows, nextCursor } = await newestFirst(
      scope.shards,
      query,
      (shard, slice) => filteredIds(db, shard, slice, filter),
      (shard, ids) => transactionsById(db, shard, ids),
    );
    const found = rows.map(row => transactionRowJson(row, vault));
    return ok({ data: found.filter(each => beginsWith(each.party_name, query.party_name)), next_cursor: nextCursor });
  },
});

/** A hash is of the first characters, and may be that of another name. */
function beginsWith(name: string | null, beginning: string | undefined): boolean {
  return beginning === undefined || (name !== null && searchableName(name).startsWith(searchableName(beginning)));
}
