import { z } from "zod";
import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { pollingOf, pollingSchema } from "./polling.ts";
import { findTransaction } from "./store.ts";
import { timelineOf } from "./timeline.ts";
import { timelineSchema } from "./timeline-schema.ts";
import { transactionRowJson } from "./transaction-json.ts";
import { transactionShape } from "./transaction-schema.ts";

const schema = z
  .object({ ...transactionShape, polling: pollingSchema, timeline: timelineSchema })
  .meta({ id: "TransactionWithTimeline" });

/** A transaction with its timeline, as the API shows it. */
export type TransactionWithTimeline = z.output<typeof schema>;

export const getTransaction = route({
  method: "GET",
  path: "/v1/transactions/{id}",
  tag: "Transactions",
  name: "getTransaction",
  summary: "Get a transaction with its timeline",
  description:
    "With all that was registered, asked, learnt, decided and told of it. " +
    "The id of a merged transaction returns the transaction that it was merged into.",
  access: "any",
  ids: { id: "transaction" },
  responses: { 200: { description: "The transaction", schema } },
  async handle({ caller, ids }, deps) {
    const row = await findTransaction(deps.db, ids.id, merchantScope(caller));
    if (row === null) return noSuch("transaction");
    const [polling, timeline] = await Promise.all([pollingOf(deps, row), timelineOf(deps, row, ids.id)]);
    return ok({ ...transactionRowJson(row, deps.sql.vault), polling, timeline });
  },
});
