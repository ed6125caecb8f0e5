import type { Command } from "commander";
import type { ReconcileReport } from "../../api/reconcile/create.ts";
import { apiCommand } from "../api-command.ts";
import { amountOf, idOf, instantOf, integerOf, shareOf } from "../arguments.ts";
import { factsOf } from "../table.ts";

const limitMax = 1_000_000;

/** `hakika reconcile`: one pass over all due transactions, for cron. Exit code 1 where polls failed. */
export function reconcileCommand(): Command {
  const command = apiCommand<ReconcileReport>({
    name: "reconcile",
    description: "polls all due transactions once (exit code 1 on errors)",
    examples: [
      "*/5 * * * * hakika reconcile --json >> reconcile.log   (with HAKIKA_RECONCILE_CRON=off)",
      "hakika reconcile --audit --finished-after 2d --finished-before 1d --share 0.1",
    ],
    flags: [
      { flags: "--merchant <id>", description: "of this merchant only (mer_...)", parse: idOf("merchant") },
      { flags: "--connection <id>", description: "of this connection only (con_...)", parse: idOf("connection") },
      { flags: "--limit <transactions>", description: "so many at most", parse: integerOf(1, limitMax) },
      { flags: "--audit", description: "asks about finished transactions again" },
      { flags: "--finished-after <time>", description: "audits what became final since", parse: instantOf },
      { flags: "--finished-before <time>", description: "audits what became final before", parse: instantOf },
      { flags: "--share <part>", description: "audits so large a share, such as 0.1", parse: shareOf },
      { flags: "--amount-from <amount>", description: "audits from this amount on", parse: amountOf },
    ],
    request: ({ merchant, connection, limit, ...options }) => ({
      method: "POST",
      path: "/v1/reconcile",
      body: { merchant_id: merchant, connection_id: connection, limit, audit: auditOf(options) },
    }),
    text: ({ started_at, finished_at, ...counts }) => {
      const tookMs = Date.parse(finished_at) - Date.parse(started_at);
      return factsOf({ took: `${(tookMs / 1000).toFixed(1)} s`, ...counts });
    },
    succeeded: ({ errors }) => errors === 0,
  });
  return command.hook("preAction", () => {
    if (!isHalfAnAudit(command.opts<AuditFlags>())) return;
    const what = "error: an audit needs --audit, --finished-after and --finished-before";
    command.error(what, { exitCode: 2, code: "commander.audit" });
  });
}

type AuditFlags = {
  audit?: boolean;
  finishedAfter?: string;
  finishedBefore?: string;
  share?: number;
  amountFrom?: string;
};

function isHalfAnAudit({ audit = false, ...named }: AuditFlags): boolean {
  const { finishedAfter, finishedBefore, share, amountFrom } = named;
  if (audit) return finishedAfter === undefined || finishedBefore === undefined;
  return [finishedAfter, finishedBefore, share, amountFrom].some(flag => flag !== undefined);
}

function auditOf({ audit = false, finishedAfter, finishedBefore, share, amountFrom }: AuditFlags) {
  if (!audit) return undefined;
  return { finished_after: finishedAfter, finished_before: finishedBefore, share, amount_from: amountFrom };
}
