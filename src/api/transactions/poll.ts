import { pollNow } from "../../reconcile/poll/poll-now.ts";
import { ok } from "../answer.ts";
import { conflict, throttled, unavailable } from "../problem.ts";
import { route } from "../route.ts";
import { rowJson } from "./from-row.ts";
import { transactionSchema } from "./transaction-schema.ts";
import { visibleTransaction } from "./visible.ts";

export const pollTransaction = route({
  method: "POST",
  path: "/v1/transactions/{id}/poll",
  tag: "Transactions",
  name: "pollTransaction",
  summary: "Ask the provider now",
  description:
    "Waits for the answer, which counts as evidence like any other. A failure that a provider may still take back is not believed at once.",
  access: "any",
  ids: { id: "transaction" },
  answers: { 200: { means: "The transaction as the answer leaves it", schema: transactionSchema } },
  problems: {
    409: "The provider has no status call for it, or the connection lacks what it needs.",
    429: "The rate allowance is spent.",
    503: "The provider did not answer.",
  },
  async handle({ caller, ids }, deps) {
    const before = await visibleTransaction(caller, ids.id, deps.db);
    if (before.kind === "problem") return before;
    const { shard, id } = before.row;
    const outcome = await pollNow(deps.reconcile, { shard, transactionId: id });
    switch (outcome.kind) {
      case "unsupported":
        return conflict(outcome.detail);
      case "throttled":
        return throttled("The allowance of calls to the provider is spent: ask again later.", outcome.retryAfterS);
      case "unavailable":
        return unavailable(outcome.detail, 10);
      case "polled": {
        const after = await visibleTransaction(caller, id, deps.db);
        return after.kind === "problem" ? after : ok(rowJson(after.row));
      }
    }
  },
});
