import { z } from "zod";
import { runPass } from "../../reconcile/pass.ts";
import { ok } from "../answer.ts";
import { findConnection } from "../connections/store.ts";
import { findMerchant } from "../merchants/store.ts";
import { notFound } from "../problem.ts";
import { route } from "../route.ts";
import { idInput, timeOutput } from "../schemas/fields.ts";

const limitMax = 1_000_000;

const reportSchema = z
  .object({
    started_at: timeOutput,
    finished_at: timeOutput,
    polled: z.int().meta({ description: "Questions that were answered", examples: [12] }),
    settled: z.int().meta({ description: "Transactions that became final", examples: [9] }),
    pending: z.int().meta({ description: "Asked about, and still open", examples: [3] }),
    unresolved: z.int().meta({ description: "Transactions that asking was ended for", examples: [0] }),
    errors: z.int().meta({ description: "Questions without an answer", examples: [0] }),
    rate_limited: z
      .int()
      .meta({ description: "Due, and not asked: the allowance is spent, or the connection is paused", examples: [0] }),
    already_running: z.int().meta({ description: "Due, and being asked about by another pass", examples: [0] }),
  })
  .meta({ id: "ReconcileReport" });

export type ReconcileReport = z.output<typeof reportSchema>;

export const runReconcile = route({
  method: "POST",
  path: "/v1/reconcile",
  tag: "Reconciliation",
  name: "reconcile",
  summary: "Ask the providers about everything that is due",
  description: "One pass. Passes may overlap on any number of machines: each due transaction is asked about once.",
  access: "admin",
  body: z.strictObject({
    merchant_id: idInput("merchant").optional(),
    connection_id: idInput("connection").optional(),
    limit: z.int().min(1).max(limitMax).optional().meta({ description: "Transactions at most" }),
  }),
  bodyOptional: true,
  example: { limit: 500 },
  answers: { 200: { means: "What the pass came to", schema: reportSchema } },
  problems: { 404: "There is no such merchant or connection." },
  async handle({ body }, { db, reconcile, stopping }) {
    const { merchant_id: merchantId = null, connection_id: connectionId = null, limit = null } = body;
    if (merchantId !== null && (await findMerchant(db, merchantId)) === null) {
      return notFound("There is no merchant with this merchant_id.");
    }
    if (connectionId !== null && (await findConnection(db, connectionId, merchantId)) === null) {
      return notFound("There is no connection with this connection_id.");
    }
    return ok(await runPass(reconcile, { merchantId, connectionId, limit }, stopping));
  },
});
