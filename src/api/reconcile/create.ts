import { z } from "zod";
import { runPass } from "../../reconcile/pass.ts";
import { findConnection } from "../connections/store.ts";
import { findMerchant } from "../merchants/store.ts";
import { notFound } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idInput, timeOutput } from "../schemas/fields.ts";

const limitMax = 1_000_000;

const reportSchema = z
  .object({
    started_at: timeOutput,
    finished_at: timeOutput,
    polled: z.int().meta({ description: "Polls that the provider answered", examples: [12] }),
    settled: z.int().meta({ description: "Transactions that became final", examples: [9] }),
    pending: z.int().meta({ description: "Transactions that were polled and are still open", examples: [3] }),
    unresolved: z.int().meta({ description: "Transactions whose polling ended without a result", examples: [0] }),
    errors: z.int().meta({ description: "Polls without an answer", examples: [0] }),
    rate_limited: z.int().meta({
      description: "Due transactions that were not polled: the rate limit is reached, or the connection is paused",
      examples: [0],
    }),
    already_running: z.int().meta({ description: "Due transactions that another pass is polling", examples: [0] }),
  })
  .meta({ id: "ReconcileReport" });

export type ReconcileReport = z.output<typeof reportSchema>;

export const runReconcile = route({
  method: "POST",
  path: "/v1/reconcile",
  tag: "Reconciliation",
  name: "reconcile",
  summary: "Poll all due transactions",
  description: "Runs one pass. Passes may overlap on any number of machines: each due transaction is polled once.",
  access: "admin",
  body: z.strictObject({
    merchant_id: idInput("merchant").optional(),
    connection_id: idInput("connection").optional(),
    limit: z.int().min(1).max(limitMax).optional().meta({ description: "The maximum number of transactions" }),
  }),
  bodyOptional: true,
  example: { limit: 500 },
  responses: { 200: { description: "The result of the pass", schema: reportSchema } },
  problems: { 404: "There is no such merchant or connection." },
  async handle({ body }, { db, reconcile, stopping }) {
    const { merchant_id: merchantId = null, connection_id: connectionId = null, limit = null } = body;
    if (merchantId !== null && (await findMerchant(db, merchantId, null)) === null) {
      return notFound("There is no merchant with this merchant_id.");
    }
    if (connectionId !== null && (await findConnection(db, connectionId, merchantId)) === null) {
      return notFound("There is no connection with this connection_id.");
    }
    return ok(await runPass(reconcile, { merchantId, connectionId, limit }, stopping));
  },
});
