import { z } from "zod";
import type { ConnectionSettings } from "../../connections/settings.ts";
import { publicId } from "../../domain/ids.ts";
import { finalStatuses, type Kind } from "../../domain/kinds.ts";
import { formatMoney } from "../../domain/money.ts";
import { waitingSchema } from "../approvals/approval-json.ts";
import { askApproval } from "../approvals/ask.ts";
import { needsApproval } from "../approvals/bar.ts";
import { merchantScope } from "../caller.ts";
import { findConnection } from "../connections/store.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { amountInput } from "./registration-input.ts";
import { decideTransaction } from "./resolve-approved.ts";
import { resolvedAmount } from "./resolved-amount.ts";
import { findTransaction } from "./store.ts";
import { transactionRowJson } from "./transaction-json.ts";
import { transactionSchema } from "./transaction-schema.ts";

const noteCharsMax = 2_000;

export const resolveTransaction = route({
  method: "POST",
  path: "/v1/transactions/{id}/resolve",
  tag: "Transactions",
  name: "resolveTransaction",
  summary: "Decide as an operator",
  description:
    "The decision outranks all other evidence and closes the review. The latest decision counts. " +
    "Send `amount` where another amount was paid than the transaction shows.",
  access: "any",
  scope: "decide",
  ids: { id: "transaction" },
  body: z.strictObject({
    status: z.enum(finalStatuses),
    note: z.string().trim().min(1).max(noteCharsMax),
    amount: amountInput
      .nullish()
      .meta({ description: "What was really paid: it becomes the transaction's amount", examples: ["45.00"] }),
  }),
  example: { status: "completed", note: "Seen on the statement of 18 October.", amount: "45.00" },
  responses: {
    200: { description: "The transaction after the decision", schema: transactionSchema },
    202: { description: "A second person has to approve it (`settings.approve_above`)", schema: waitingSchema },
  },
  problems: { 409: "The approval that this Idempotency-Key asked for was rejected, or has lapsed." },
  async handle({ caller, idempotencyKey, ids, body }, deps) {
    const row = await findTransaction(deps.db, ids.id, merchantScope(caller));
    if (row === null) return noSuch("transaction");
    const decided = await resolvedAmount(deps, row, body.amount);
    if (decided.kind === "problem") return decided;
    const { money } = decided;
    const connection = await findConnection(deps.db, row.connectionId, null);
    const settings: ConnectionSettings = (connection?.settings as ConnectionSettings | undefined) ?? {};
    const { shard, id, merchantId, kind } = row;
    const currency = row.currency ?? money?.currency ?? null;
    const paid = money && { amount: formatMoney(money), currency: money.currency };
    const resolution = { status: body.status, note: body.note, paid };
    if (needsApproval(settings, { kind: kind as Kind, amounts: [row.amount, money?.minor ?? null], currency })) {
      const summary = `${body.status}: ${body.note}`;
      const subject = publicId("transaction", id);
      const amount = money?.minor ?? row.amount;
      const question = { shard, merchantId, subject, request: resolution, summary, amount, currency };
      const asked = await askApproval(caller, idempotencyKey, { action: "transaction.resolve", ...question }, deps);
      if (asked.kind === "waiting") return asked.response;
    } else await decideTransaction(caller, row, resolution, deps);
    const resolved = await findTransaction(deps.db, id, merchantId);
    return resolved === null ? noSuch("transaction") : ok(transactionRowJson(resolved, deps.sql.vault));
  },
});
