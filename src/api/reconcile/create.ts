import { z } from "zod";
import { type PassInput, runPass } from "../../reconcile/pass.ts";
import { findConnection } from "../connections/store.ts";
import { findMerchant } from "../merchants/store.ts";
import { notFound } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idInput, timeInput, timeOutput } from "../schemas/fields.ts";

const limitMax = 1_000_000;

const reportSchema = z
  .object({
    started_at: timeOutput,
    finished_at: timeOutput,
    polled: z.int().meta({ description: "Polls that the provider answered", examples: [12] }),
    settled: z.int().meta({ description: "Transactions that became final", examples: [9] }),
    pending: z.int().meta({
      description: "Transactions that were polled and are still open, and audits that the next pass goes on with",
      examples: [3],
    }),
    unresolved: z.int().meta({ description: "Transactions whose polling ended without a result", examples: [0] }),
    errors: z.int().meta({ description: "Polls without an answer", examples: [0] }),
    rate_limited: z.int().meta({
      description: "Due transactions that were not polled: the rate limit is reached, or the connection is paused",
      examples: [0],
    }),
    already_running: z.int().meta({ description: "Due transactions that another pass is polling", examples: [0] }),
    audited: z.int().meta({
      description: "Finished transactions of which an audit got an answer; they are in none of the other counts",
      examples: [0],
    }),
    drifted: z.int().meta({
      description:
        "Audited transactions of which the provider says something else now: a review `conflict`, or a failure that " +
        "was paid after all",
      examples: [0],
    }),
  })
  .meta({ id: "ReconcileReport" });

const auditSchema = z.strictObject({
  finished_after: timeInput.meta({ description: "Became final at this time or later" }),
  finished_before: timeInput.meta({ description: "Became final before this time" }),
  share: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .meta({ description: "So large a share of them, always the same ones; all where left out", examples: [0.1] }),
  amount_from: z
    .string()
    .regex(/^\d{1,15}(\.\d{1,4})?$/, 'must be an amount as text, such as "5000.00"')
    .optional()
    .meta({ description: "Only from this amount on, in the transaction's own currency", examples: ["5000.00"] }),
});

export type ReconcileReport = z.output<typeof reportSchema>;

export const runReconcile = route({
  method: "POST",
  path: "/v1/reconcile",
  tag: "Reconciliation",
  name: "reconcile",
  summary: "Poll all due transactions",
  description:
    "Runs one pass of 60 seconds at most; what it does not finish goes on in the next pass. Passes may overlap on " +
    "any number of machines: each due transaction is polled once. With `audit`, finished transactions are asked " +
    "about again.",
  access: "admin",
  body: z.strictObject({
    merchant_id: idInput("merchant").optional(),
    connection_id: idInput("connection").optional(),
    audit: auditSchema.optional().meta({ description: "Finished transactions to be asked about again" }),
    limit: z.int().min(1).max(limitMax).optional().meta({ description: "The maximum number of transactions" }),
  }),
  bodyOptional: true,
  example: { limit: 500 },
  responses: { 200: { description: "The result of the pass", schema: reportSchema } },
  problems: { 404: "There is no such merchant or connection." },
  async handle({ body }, { db, reconcile, stopping }) {
    const { merchant_id: merchantId = null, connection_id: connectionId = null, limit = null, audit } = body;
    if (merchantId !== null && (await findMerchant(db, merchantId, null)) === null) {
      return notFound("There is no merchant with this merchant_id.");
    }
    if (connectionId !== null && (await findConnection(db, connectionId, merchantId)) === null) {
      return notFound("There is no connection with this connection_id.");
    }
    return ok(await runPass(reconcile, { merchantId, connectionId, limit, audit: auditOf(audit) }, stopping));
  },
});

function auditOf(audit: z.output<typeof auditSchema> | undefined): NonNullable<PassInput["audit"]> | null {
  if (!audit) return null;
  const { finished_after: finishedAfter, finished_before: finishedBefore, share = 1, amount_from: amountFrom } = audit;
  return { finishedAfter, finishedBefore, share, amountFrom: amountFrom ?? null };
}
