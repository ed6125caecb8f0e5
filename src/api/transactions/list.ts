import { listOf, newestFirst } from "../lists/list.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { beginsWith, filterOf, transactionQuery } from "./filter.ts";
import { filteredIds } from "./filter-store.ts";
import { transactionsById } from "./store.ts";
import { transactionRowJson } from "./transaction-json.ts";
import { transactionSchema } from "./transaction-schema.ts";

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
  async handle({ caller, query }, deps) {
    const { db, sql } = deps;
    const scope = await listScope(caller, query, [query.connection_id], db);
    if (scope.kind === "problem") return scope;
    const filter = filterOf(query, scope.merchantId, deps);
    const { rows, nextCursor } = await newestFirst(
      scope.shards,
      query,
      (shard, slice) => filteredIds(db, shard, slice, filter),
      (shard, ids) => transactionsById(db, shard, ids),
    );
    const found = rows.map(row => transactionRowJson(row, sql.vault));
    return ok({ data: found.filter(each => beginsWith(each.party_name, query.party_name)), next_cursor: nextCursor });
  },
});
