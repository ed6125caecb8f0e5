import type { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import type { Caller } from "../caller.ts";
import { csvRow } from "../csv.ts";
import type { ApiDeps } from "../deps.ts";
import { newestFirst } from "../lists/list.ts";
import { type ListScope, listScope } from "../lists/scope.ts";
import { seesMaskedPhones, withMaskedPhones } from "../mask-phones.ts";
import { csvFile, ok } from "../response.ts";
import { route } from "../route.ts";
import { beginsWith, filterOf, transactionQuery } from "./filter.ts";
import { filteredIds } from "./filter-store.ts";
import { transactionsById } from "./store.ts";
import { transactionRowJson } from "./transaction-json.ts";

const pageRows = 1_000;

/** New columns are added at the end: sheets that were made with the old ones stay right. */
const columns = [
  ...["id", "connection_id", "provider", "environment", "kind", "direction", "status", "status_source", "reference"],
  ...["receipt", "amount", "refunded_amount", "currency", "phone", "phone_masked", "party_name", "review"],
  ...["occurred_at", "created_at", "updated_at", "merchant_id", "provider_refs", "result_code", "result_description"],
] as const;

type Query = z.output<typeof transactionQuery>;

const exportQuery = transactionQuery.omit({ limit: true, cursor: true });

export const exportTransactions = route({
  method: "GET",
  path: "/v1/transactions.csv",
  tag: "Books",
  name: "exportTransactions",
  summary: "Get the list of transactions as CSV",
  description:
    `With the filters of the list, newest first. Columns: ${columns.join(", ")}; more may follow after them. ` +
    "A text that a spreadsheet would run as a formula begins with an apostrophe.",
  access: "any",
  query: exportQuery,
  responses: { 200: { description: "The transactions", schema: "csv" } },
  async handle({ caller, query }, deps) {
    const scope = await listScope(caller, query, [query.connection_id], deps.db);
    if (scope.kind === "problem") return scope;
    await auditExport(caller, scope, query, deps);
    return csvFile("transactions.csv", rowsOf(caller, scope, query as Query, deps));
  },
});

/** An export takes many people's names and numbers out of the installation. */
async function auditExport(caller: Caller, { shards, merchantId }: ListScope, query: object, { db }: ApiDeps) {
  const subject = merchantId === null ? "all" : publicId("merchant", merchantId);
  const filters = Object.entries(query).filter(([, value]) => value !== undefined);
  const entry = {
    shard: merchantId === null ? 0 : (shards[0] ?? 0),
    merchantId,
    action: "transactions.exported",
    subject,
    detail: { filters: filters.map(([name]) => name) },
  } as const;
  await db.transaction(tx => recordAudit(tx, caller, entry));
}

async function* rowsOf(caller: Caller, { shards, merchantId }: ListScope, query: Query, deps: ApiDeps) {
  const { db, sql } = deps;
  yield csvRow(columns);
  const filter = filterOf(query, merchantId, deps);
  for (let cursor: string | undefined; ; ) {
    const { rows, nextCursor } = await newestFirst(
      shards,
      { limit: pageRows, cursor },
      (shard, slice) => filteredIds(db, shard, slice, filter),
      (shard, ids) => transactionsById(db, shard, ids),
    );
    const found = rows
      .map(row => transactionRowJson(row, sql.vault))
      .filter(each => beginsWith(each.party_name, query.party_name));
    if (found.length > 0) yield found.map(each => csvRow(cellsOf(caller, each))).join("");
    if (nextCursor === null) return;
    cursor = rows.at(-1)!.id;
  }
}

function cellsOf(caller: Caller, transaction: ReturnType<typeof transactionRowJson>): (string | null)[] {
  const shown = seesMaskedPhones(caller) ? withMaskedPhones(ok(transaction)) : ok(transaction);
  const t = (shown.kind === "json" ? shown.body : transaction) as typeof transaction;
  const cells: Record<(typeof columns)[number], string | null> = {
    ...t,
    receipt: t.provider_refs.receipt ?? null,
    review: t.review?.reason ?? null,
    provider_refs: JSON.stringify(t.provider_refs),
    result_code: t.result?.code ?? null,
    result_description: t.result?.description ?? null,
  };
  return columns.map(name => cells[name]);
}
