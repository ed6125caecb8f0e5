import { Cron } from "croner";
import type { Logger } from "pino";

/** Runs passes by a cron expression (UTC), one at a time in this process. `null`: none. Resolves once the running one is through. */
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
      if (!stopping.signal.aborted) log.warn({ err: error }, "a reconciliation pass was interrupted; the next goes on");
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
