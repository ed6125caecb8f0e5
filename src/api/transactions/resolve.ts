import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { finalStatuses } from "../../domain/kinds.ts";
import { resolveByOperator } from "../../settle/resolve.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
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
  description: "The decision outranks all other evidence and closes the review. The latest decision counts.",
  access: "any",
  scope: "decide",
  ids: { id: "transaction" },
  body: z.strictObject({
    status: z.enum(finalStatuses),
    note: z.string().trim().min(1).max(noteCharsMax),
  }),
  example: { status: "completed", note: "Seen on the statement of 18 October." },
  responses: { 200: { description: "The transaction after the decision", schema: transactionSchema } },
  async handle({ caller, ids, body }, deps) {
    const row = await findTransaction(deps.db, ids.id, merchantScope(caller));
    if (row === null) return noSuch("transaction");
    const { shard, id, merchantId, status } = row;
    const { sql, settler, directory } = deps;
    const room = { sql, settle: settler.settle, connectionOf: directory.byId };
    // Recorded first: the decision is settled in a batch with other items, and may not go without an entry.
    const subject = publicId("transaction", id);
    const entry = {
      shard,
      merchantId,
      action: "transaction.resolved",
      subject,
      before: { status },
      after: body,
    } as const;
    await deps.db.transaction(tx => recordAudit(tx, caller, entry));
    await resolveByOperator(room, { shard, transactionId: id, ...body });
    const resolved = await findTransaction(deps.db, id, merchantId);
    return resolved === null ? noSuch("transaction") : ok(transactionRowJson(resolved));
  },
});
