import { pollNow } from "../../reconcile/poll/poll-now.ts";
import { merchantScope } from "../caller.ts";
import { conflict, noSuch, throttled, unavailable } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { findTransaction } from "./store.ts";
import { transactionRowJson } from "./transaction-json.ts";
import { transactionSchema } from "./transaction-schema.ts";

export const pollTransaction = route({
  method: "POST",
  path: "/v1/transactions/{id}/poll",
  tag: "Transactions",
  name: "pollTransaction",
  summary: "Poll the provider now",
  description:
    "Waits for the provider's answer, which is evidence. A failure that may be revised does not count at once.",
  access: "any",
  scope: "register",
  ids: { id: "transaction" },
  responses: { 200: { description: "The transaction after the poll", schema: transactionSchema } },
  problems: {
    409:
      "The provider has no status call for this kind, a credential or id for the call is missing, or the provider " +
      "refused the call; the detail has its own code and words.",
    429: "The rate limit of the connection is reached.",
    503: "The provider did not respond.",
  },
  async handle({ caller, ids }, deps) {
    const row = await findTransaction(deps.db, ids.id, merchantScope(caller));
    if (row === null) return noSuch("transaction");
    const { shard, id, merchantId } = row;
    const result = await pollNow(deps.reconcile, { shard, transactionId: id });
    switch (result.kind) {
      case "unsupported":
      case "refused":
        return conflict(result.detail);
      case "throttled":
        return throttled("The rate limit of calls to the provider is reached. Try again later.", result.retryAfterS);
      case "unavailable":
        return unavailable(result.detail, 10);
      case "polled": {
        const polled = await findTransaction(deps.db, id, merchantId);
        return polled === null ? noSuch("transaction") : ok(transactionRowJson(polled, deps.sql.vault));
      }
    }
  },
});
