import type { ReconcileDeps } from "../../reconcile/deps.ts";
import { compareBalances } from "./compare.ts";

const everyMs = 5_000;

export type BalanceWorker = { drain(): Promise<void> };

/** Compares balances as they come. */
export function startBalanceWorker(deps: ReconcileDeps): BalanceWorker {
  const stopping = new AbortController();
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    // One at a time; without the database the next round tries again.
    running ??= compareBalances(deps, stopping.signal)
      .catch((error: unknown) => deps.log.debug({ err: error }, "balances not compared: tried again in 5 s"))
      .finally(() => {
        running = null;
      });
  }, everyMs).unref();
  return {
    async drain() {
      stopping.abort();
      clearInterval(timer);
      await running;
    },
  };
}
