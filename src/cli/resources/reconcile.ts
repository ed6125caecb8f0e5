import type { Command } from "commander";
import type { ReconcileReport } from "../../api/reconcile/create.ts";
import { apiCommand } from "../api-command.ts";
import { idOf, wholeOf } from "../arguments.ts";
import { factsOf } from "../table.ts";

const limitMax = 1_000_000;

/** `hakika reconcile`: one pass over what is due, for cron; exit 1 where there were errors. */
export function reconcileCommand(): Command {
  return apiCommand<ReconcileReport>({
    name: "reconcile",
    means: "asks the providers about everything that is due, once (exit 1 on errors)",
    examples: ["*/5 * * * * hakika reconcile --json >> reconcile.log   (with HAKIKA_RECONCILE_CRON=off)"],
    flags: [
      { flags: "--merchant <id>", means: "only this merchant's (mer_...)", parse: idOf("merchant") },
      { flags: "--connection <id>", means: "only this connection's (con_...)", parse: idOf("connection") },
      { flags: "--limit <transactions>", means: "at most so many", parse: wholeOf(1, limitMax) },
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
