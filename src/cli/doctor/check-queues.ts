import type { Sql } from "../../database/connect.ts";
import { workersAlive } from "../../database/heartbeat.ts";
import { publicId } from "../../domain/ids.ts";
import { counted, type DoctorFinding, note, problem } from "./finding.ts";
import { missingFromQueues, overdueRows } from "./store.ts";

const graceS = 120;
/** What a throttled provider holds up goes on for longer than what nobody looks at. */
const endsGraceS = 3_600;

/** Whether work that is due gets done, and nothing lies outside the queues that only a queue would bring to its end. */
export async function checkQueues(sql: Sql): Promise<DoctorFinding[]> {
  const [alive, overdue, lost] = await Promise.all([
    workersAlive(sql),
    overdueRows(sql, graceS, endsGraceS),
    missingFromQueues(sql, graceS),
  ]);
  const todo = alive > 0 ? "a worker runs and does not get to them: look at its log" : "start a worker: hakika start";
  return [
    ...(alive > 0 ? [] : [note("no worker runs", "hakika start, or a process with HAKIKA_ROLES=worker")]),
    ...overdue.map(({ queue, count, oldestS }) =>
      queue === "endings"
        ? problem(
            `${counted(count, "transaction is", "transactions are")} past the end of the asking, the oldest since ${oldestS} s`,
            "run the passes: hakika reconcile, by cron where HAKIKA_RECONCILE_CRON is off",
          )
        : problem(
            `${counted(count, "row", "rows")} of the ${queue} queue ${count === 1 ? "is" : "are"} stuck, the oldest since ${oldestS} s`,
            todo,
          ),
    ),
    ...lostFindings(lost),
  ];
}

function lostFindings({ callbacks, deliveries }: { callbacks: string[]; deliveries: string[] }): DoctorFinding[] {
  const found: DoctorFinding[] = [];
  if (callbacks.length > 0) {
    const name = publicId("callback", callbacks[0]!);
    const what = counted(
      callbacks.length,
      "callback is neither read nor queued",
      "callbacks are neither read nor queued",
    );
    found.push(problem(`${what}: ${name}${more(callbacks)}`, `hakika callbacks reprocess ${name}`));
  }
  if (deliveries.length > 0) {
    const name = publicId("delivery", deliveries[0]!);
    const what = counted(
      deliveries.length,
      "delivery is pending and not queued",
      "deliveries are pending and not queued",
    );
    found.push(problem(`${what}: ${name}${more(deliveries)}`, `hakika deliveries retry ${name}`));
  }
  return found;
}

function more(all: readonly unknown[]): string {
  return all.length > 1 ? ", ..." : "";
}
