import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { finalStatuses } from "../../domain/kinds.ts";
import { resolveByOperator } from "../../settle/resolve.ts";
import { ok } from "../answer.ts";
import { recordAudit } from "../audit/record.ts";
import { route } from "../route.ts";
import { rowJson } from "./from-row.ts";
import { transactionSchema } from "./transaction-schema.ts";
import { visibleTransaction } from "./visible.ts";

const noteCharsMax = 2_000;

export const resolveTransaction = route({
  method: "POST",
  path: "/v1/transactions/{id}/resolve",
  tag: "Transactions",
  name: "resolveTransaction",
  summary: "Decide as an operator",
  description: "Outranks all other evidence and closes the review. The latest decision counts.",
  access: "any",
  ids: { id: "transaction" },
  body: z.strictObject({
    status: z.enum(finalStatuses),
    note: z.string().trim().min(1).max(noteCharsMax),
  }),
  example: { status: "completed", note: "Seen on the statement of 18 October." },
  answers: { 200: { means: "The transaction as decided", schema: transactionSchema } },
  async handle({ caller, ids, body }, deps) {
    const before = await visibleTransaction(caller, ids.id, deps.db);
    if (before.kind === "problem") return before;
    const { shard, id, merchantId, status } = before.row;
    const { sql, settler, directory } = deps;
    const room = { sql, settle: settler.settle, connectionOf: directory.byId };
    await resolveByOperator(room, { shard, transactionId: id, ...body });
    const subject = publicId("transaction", id);
    const detail = { status: body.status, previous_status: status, note: body.note };
    await recordAudit(deps.db, caller, { shard, merchantId, action: "transaction.resolved", subject, detail });
    const after = await visibleTransaction(caller, id, deps.db);
    return after.kind === "problem" ? after : ok(rowJson(after.row));
  },
});
