import { z } from "zod";
import { answerWaitS } from "../../books/lookups/ask.ts";
import type { LookupRow } from "../../books/lookups/lookup-store.ts";
import { transactionsByReceipt } from "../../books/statements/known-store.ts";
import { publicId } from "../../domain/ids.ts";
import type { ApiDeps } from "../deps.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";
import { findTransaction } from "../transactions/store.ts";
import { transactionRowJson } from "../transactions/transaction-json.ts";
import { transactionSchema } from "../transactions/transaction-schema.ts";

export const lookupSchema = z
  .object({
    id: idOutput("lookup"),
    merchant_id: idOutput("merchant"),
    connection_id: idOutput("connection"),
    receipt: z.string().meta({ examples: ["TJIKQ7V33N"] }),
    state: z.enum(["asking", "found", "not_found", "unavailable"]).meta({
      description:
        "`found`: it is a transaction now. `not_found`: the provider does not know it, or another receiver was paid. " +
        "`unavailable`: no answer could be had",
    }),
    reason: z
      .string()
      .nullable()
      .meta({ examples: [null] }),
    transaction: transactionSchema.nullable(),
    created_at: timeOutput,
  })
  .meta({ id: "Lookup", description: "A question about a receipt." });

/** The transaction of a receipt; null where it is not known here. */
export async function transactionOfReceipt(
  { db, sql }: Pick<ApiDeps, "db" | "sql">,
  { shard, connectionId, merchantId, receipt }: Pick<LookupRow, "shard" | "connectionId" | "merchantId" | "receipt">,
) {
  const known = (await transactionsByReceipt(sql, shard, connectionId, [receipt])).get(receipt);
  const row = known && (await findTransaction(db, known.id, merchantId));
  return row ? transactionRowJson(row, sql.vault) : null;
}

/** A question as it stands: a receipt that is known by now was found, however it became known. */
export async function lookupJson(row: LookupRow, deps: Pick<ApiDeps, "db" | "sql" | "now">) {
  const transaction = await transactionOfReceipt(deps, row);
  const isOver = deps.now().getTime() - row.createdAt.getTime() > answerWaitS * 1000;
  const state = transaction ? "found" : row.state === "asking" && isOver ? "unavailable" : row.state;
  const reason = state === "unavailable" && row.reason === null ? "the provider sent no answer" : row.reason;
  return {
    id: publicId("lookup", row.id),
    merchant_id: publicId("merchant", row.merchantId),
    connection_id: publicId("connection", row.connectionId),
    receipt: row.receipt,
    state,
    reason: transaction ? null : reason,
    transaction,
    created_at: row.createdAt.toISOString(),
  };
}
