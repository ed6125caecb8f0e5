import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { finalStatuses } from "../../domain/kinds.ts";
import { formatMoney } from "../../domain/money.ts";
import { resolveByOperator } from "../../settle/resolve.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { amountInput } from "./registration-input.ts";
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
  ids: { id: "transaction" },
  body: z.strictObject({
    status: z.enum(finalStatuses),
    note: z.string().trim().min(1).max(noteCharsMax),
    amount: amountInput
      .nullish()
      .meta({ description: "What was really paid: it becomes the transaction's amount", examples: ["45.00"] }),
  }),
  example: { status: "completed", note: "Seen on the statement of 18 October.", amount: "45.00" },
  responses: { 200: { description: "The transaction after the decision", schema: transactionSchema } },
  async handle({ caller, ids, body }, deps) {
    const row = await findTransaction(deps.db, ids.id, merchantScope(caller));
    if (row === null) return noSuch("transaction");
    const decided = await resolvedAmount(deps, row, body.amount);
    if (decided.kind === "problem") return decided;
    const { money } = decided;
    const { shard, id, merchantId, status } = row;
    const { sql, settler, directory } = deps;
    const room = { sql, settle: settler.settle, connectionOf: directory.byId };
    await resolveByOperator(room, { shard, transactionId: id, ...body, amount: money });
    const subject = publicId("transaction", id);
    const amount = money && { amount: formatMoney(money), currency: money.currency };
    const detail = { status: body.status, previous_status: status, note: body.note, ...amount };
    await recordAudit(deps.db, caller, { shard, merchantId, action: "transaction.resolved", subject, detail });
    const resolved = await findTransaction(deps.db, id, merchantId);
    return resolved === null ? noSuch("transaction") : ok(transactionRowJson(resolved));
  },
});
