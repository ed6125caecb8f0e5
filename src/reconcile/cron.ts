import { Cron } from "croner";
import type { Logger } from "pino";

/**
 * Runs passes by a cron expression in UTC, one at a time in this process; none where it is null. `stop` waits for a
 * running pass.
 */
export function startReconcileCron(
  expression: string | null,
  pass: (signal: AbortSignal) => Promise<unknown>,
  log: Pick<Logger, "warn">,
): { stop(): Promise<void> } {
  if (expression === null) return { stop: async () => {} };
  const stopping = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  const run = () => {
    running = pass(stopping.signal).catch(error => {
      if (stopping.signal.aborted) return;
      log.warn({ err: error }, "reconciliation pass interrupted; the next pass continues");
    });
    return running;
  };
  const cron = new Cron(
    expression,
    { mode: "5-or-6-parts", timezone: "UTC", protect: true },
    async () => void (await run()),
  );
  return {
    async stop() {
      cron.stop();
      stopping.abort();
      await running;
    },
  };
}
