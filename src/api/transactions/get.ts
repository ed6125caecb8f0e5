import { z } from "zod";
import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { findTransaction } from "./store.ts";
import { timelineOf, timelineSchema } from "./timeline.ts";
import { transactionRowJson } from "./transaction-json.ts";
import { transactionShape } from "./transaction-schema.ts";

const schema = z.object({ ...transactionShape, timeline: timelineSchema }).meta({ id: "TransactionWithTimeline" });

export const getTransaction = route({
  method: "GET",
  path: "/v1/transactions/{id}",
  tag: "Transactions",
  name: "getTransaction",
  summary: "Get a transaction with its timeline",
  description: "The id of a merged transaction returns the transaction that it was merged into.",
  access: "any",
  ids: { id: "transaction" },
  responses: { 200: { description: "The transaction", schema } },
  async handle({ caller, ids }, { db }) {
    const row = await findTransaction(db, ids.id, merchantScope(caller));
    if (row === null) return noSuch("transaction");
    return ok({ ...transactionRowJson(row), timeline: await timelineOf(db, row, ids.id) });
  },
});
