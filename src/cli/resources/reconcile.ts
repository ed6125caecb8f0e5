import type { Command } from "commander";
import type { ReconcileReport } from "../../api/reconcile/create.ts";
import { apiCommand } from "../api-command.ts";
import { idOf, integerOf } from "../arguments.ts";
import { factsOf } from "../table.ts";

const limitMax = 1_000_000;

/** `hakika reconcile`: one pass over all due transactions, for cron. Exit code 1 where polls failed. */
export function reconcileCommand(): Command {
  return apiCommand<ReconcileReport>({
    name: "reconcile",
    description: "polls all due transactions once (exit code 1 on errors)",
    examples: ["*/5 * * * * hakika reconcile --json >> reconcile.log   (with HAKIKA_RECONCILE_CRON=off)"],
    flags: [
      { flags: "--merchant <id>", description: "of this merchant only (mer_...)", parse: idOf("merchant") },
      { flags: "--connection <id>", description: "of this connection only (con_...)", parse: idOf("connection") },
      { flags: "--limit <transactions>", description: "so many at most", parse: integerOf(1, limitMax) },
    ],
    request: ({ merchant, connection, limit }) => ({
      method: "POST",
      path: "/v1/reconcile",
      body: { merchant_id: merchant, connection_id: connection, limit },
    }),
    text: ({ started_at, finished_at, ...counts }) => {
      const tookMs = Date.parse(finished_at) - Date.parse(started_at);
      return factsOf({ took: `${(tookMs / 1000).toFixed(1)} s`, ...counts });
    },
    succeeded: ({ errors }) => errors === 0,
  });
}
