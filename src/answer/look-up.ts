import { beforeDeadline, type Timely } from "./deadlines.ts";

/** Look-ups under way at once; each of them would wait for a database that is away. More fail at once. */
const underWayMax = 256;

export type LookUp = <T>(ms: number, work: () => Promise<T>, onLate?: (value: T) => void) => Promise<Timely<T>>;

/**
 * Runs look-ups that may take `ms` at most. `onLate` gets what came in too late. A database that is away holds up a bounded number of
 * them, and nobody else.
 */
export function createLookUp(): LookUp {
  let underWay = 0;
  return async (ms, work, onLate) => {
    if (underWay >= underWayMax) return { kind: "failed", error: new Error("too many look-ups wait for the database") };
    underWay += 1;
    let late = false;
    const running = work().finally(() => {
      underWay -= 1;
    });
    running.then(
      value => late && onLate?.(value),
      () => undefined,
    );
    const outcome = await beforeDeadline(running, ms);
    late = outcome.kind === "late";
    return outcome;
  };
}
