import { beforeDeadline, type DeadlineOutcome } from "./before-deadline.ts";

/** Look-ups that may wait for the database at once; more of them fail immediately. */
const waitingMax = 256;

/** Look-ups in the database, each with a time limit. During an outage a bounded number of them waits. */
export type LookUps = {
  /** Runs `work` and waits for at most `ms`. `onLate` gets a value that arrives later. Never rejects. */
  run<T>(ms: number, work: () => Promise<T>, onLate?: (value: T) => void): Promise<DeadlineOutcome<T>>;
};

export function createLookUps(): LookUps {
  let waiting = 0;
  return {
    async run(ms, work, onLate) {
      if (waiting >= waitingMax) return { kind: "failed", error: new Error("too many look-ups wait for the database") };
      waiting += 1;
      let isLate = false;
      const running = work().finally(() => {
        waiting -= 1;
      });
      running.then(
        value => isLate && onLate?.(value),
        () => undefined,
      );
      const outcome = await beforeDeadline(running, ms);
      isLate = outcome.kind === "late";
      return outcome;
    },
  };
}
