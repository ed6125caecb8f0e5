import { z } from "zod";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { timelineOf, timelineSchema } from "./timeline.ts";
import { transactionRowJson } from "./transaction-json.ts";
import { transactionShape } from "./transaction-schema.ts";
import { visibleTransaction } from "./visible.ts";

const schema = z.object({ ...transactionShape, timeline: timelineSchema }).meta({ id: "TransactionWithTimeline" });

export const getTransaction = route({
  method: "GET",
  path: "/v1/transactions/{id}",
  tag: "Transactions",
  name: "getTransaction",
  summary: "Get a transaction with its timeline",
  description: "An id that was merged into another transaction answers with that one.",
  access: "any",
  ids: { id: "transaction" },
  answers: { 200: { means: "The transaction", schema } },
  async handle({ caller, ids }, { db }) {
    const transaction = await visibleTransaction(caller, ids.id, db);
    if (transaction.kind === "problem") return transaction;
    return ok({ ...transactionRowJson(transaction.row), timeline: await timelineOf(db, transaction.row, ids.id) });
  },
});
