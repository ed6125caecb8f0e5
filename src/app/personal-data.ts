import { Cron } from "croner";
import { erasePastDays } from "../privacy/expire.ts";
import { sealOldRows } from "../privacy/seal-old.ts";
import type { Program } from "./program.ts";
import type { Service } from "./service-list.ts";

type Upkeep = { stop(): Promise<void> };

/**
 * Seals rows from before personal data was sealed, and erases what is past `HAKIKA_PERSONAL_DATA_DAYS`: at the start
 * and at nineteen minutes past every hour. Any number of processes may do it at once.
 */
export function personalDataUpkeep({ config, clients: { sql }, phones, log }: Program): Service<Upkeep> {
  return {
    name: "upkeep of personal data",
    start() {
      const stopping = new AbortController();
      const deps = { sql, phones, now: () => new Date(), signal: stopping.signal };
      let running = Promise.resolve();

      async function run(isStart: boolean): Promise<void> {
        try {
          const sealed = await sealOldRows(deps, { isStart });
          const erased = config.personalDataDays === 0 ? 0 : await erasePastDays(deps, config.personalDataDays);
          if (sealed + erased > 0) log.info({ sealed, erased }, "personal data of older rows was sealed or erased");
        } catch (error) {
          // The next hour tries again, for example after an outage of the database.
          log.warn({ err: error }, "upkeep of personal data failed");
        }
      }

      const next = (isStart: boolean) => {
        running = running.then(() => (stopping.signal.aborted ? undefined : run(isStart)));
        return running;
      };
      void next(true);
      const job = new Cron("19 * * * *", { protect: true }, () => next(false));
      return {
        async stop() {
          stopping.abort();
          job.stop();
          await running;
        },
      };
    },
    stop: upkeep => upkeep.stop(),
  };
}
