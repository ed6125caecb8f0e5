import type { Sql } from "../../database/connect.ts";
import { workersAlive } from "../../database/heartbeat.ts";
import { publicId } from "../../domain/ids.ts";
import { counted, type DoctorFinding, note, problem } from "./finding.ts";
import { missingFromQueues, type OverdueQueue, overdueRows } from "./store.ts";

const graceS = 120;
/** A throttled provider delays the end of polling for longer than a missing worker delays other work. */
const endsGraceS = 3_600;

/** Checks that due work gets done, and that no unfinished work is missing from the queues. */
export async function checkQueues(sql: Sql): Promise<DoctorFinding[]> {
  const [alive, overdue, missing] = await Promise.all([
    workersAlive(sql),
    overdueRows(sql, graceS, endsGraceS),
    missingFromQueues(sql, graceS),
  ]);
  const todo = alive > 0 ? "a worker runs but falls behind: see its log" : "start a worker: hakika start";
  return [
    ...(alive > 0 ? [] : [note("no worker runs", "hakika start, or a process with HAKIKA_ROLES=worker")]),
    ...overdue.map(each => overdueFinding(each, todo)),
    ...missingFindings(missing),
  ];
}

function overdueFinding({ queue, count, oldestS }: OverdueQueue, todo: string): DoctorFinding {
  if (queue === "endings") {
    return problem(
      `${counted(count, "transaction is", "transactions are")} past the end of polling, the oldest for ${oldestS} s`,
      "run passes: hakika reconcile, by cron where HAKIKA_RECONCILE_CRON is off",
    );
  }
  const rows = `${counted(count, "row", "rows")} of the ${queue} queue ${count === 1 ? "is" : "are"}`;
  return problem(`${rows} overdue, the oldest for ${oldestS} s`, todo);
}

function missingFindings({ callbacks, deliveries }: { callbacks: string[]; deliveries: string[] }): DoctorFinding[] {
  const findings: DoctorFinding[] = [];
  if (callbacks.length > 0) {
    const name = publicId("callback", callbacks[0]!);
    const [one, many] = ["callback is neither read nor queued", "callbacks are neither read nor queued"];
    const what = `${counted(callbacks.length, one, many)}: ${name}${more(callbacks)}`;
    findings.push(problem(what, `hakika callbacks reprocess ${name}`));
  }
  if (deliveries.length > 0) {
    const name = publicId("delivery", deliveries[0]!);
    const [one, many] = ["delivery is pending and not queued", "deliveries are pending and not queued"];
    const what = `${counted(deliveries.length, one, many)}: ${name}${more(deliveries)}`;
    findings.push(problem(what, `hakika deliveries retry ${name}`));
  }
  return findings;
}

function more(all: readonly unknown[]): string {
  return all.length > 1 ? ", ..." : "";
}
