import { hostname } from "node:os";
import { createMessenger } from "../alerts/channels/messenger.ts";
import { lookAtCauses } from "../alerts/look/look.ts";
import { lookAtCallbackUrl } from "../alerts/look/look-at-callback-url.ts";
import { createSpoolWatch } from "../alerts/look/spool-watch.ts";
import { lookForSilence } from "../alerts/silence/look-for-silence.ts";
import { throttledLog } from "../batch/throttled-log.ts";
import type { Program } from "./program.ts";
import type { Inbox } from "./receiver-services.ts";
import type { Service } from "./service-list.ts";

const everyMs = { messages: 1_000, causes: 5_000, silence: 60_000, callbackUrl: 60_000, spool: 500 } as const;
/** By then this program listens, and what stands before it has noticed. */
const firstCallbackUrlMs = 20_000;

const telegramUrl = "https://api.telegram.org";

type Stoppable = { stop(): Promise<void> };

/** Opens and closes alerts whose cause no commit has, and tells the channels of all. */
export function alertWorker(program: Program): Service<Stoppable> {
  const { config, clients, egress, box, publicUrl, log, wakeUps } = program;
  const deps = { sql: clients.sql, wake: wakeUps.deliveries };
  const { egressAllow, mailServer, timeZone } = config;
  const now = () => new Date();
  return {
    name: "alerts",
    start() {
      const messenger = createMessenger({
        ...{ sql: clients.sql, egress, egressAllow, box, mailServer, telegramUrl, log, now },
      });
      const warn = throttledLog(log, "alerts cannot be looked after for the moment");
      const looks = [
        repeat(everyMs.messages, 0, messenger.tick),
        repeat(everyMs.causes, everyMs.causes, () => lookAtCauses(deps, now()).catch(warn)),
        repeat(everyMs.silence, everyMs.causes, () => lookForSilence({ ...deps, timeZone }, now()).catch(warn)),
        repeat(everyMs.callbackUrl, firstCallbackUrlMs, () =>
          lookAtCallbackUrl({ ...deps, egress, publicUrl }, now()).catch(warn),
        ),
      ];
      return {
        async stop() {
          await Promise.all(looks.map(look => look.stop()));
          await messenger.idle();
        },
      };
    },
    stop: worker => worker.stop(),
  };
}

/** The alert about callbacks on this process's disk. */
export function spoolWatch({ clients, config }: Program, { spool, writer }: Inbox): Service<Stoppable> {
  return {
    name: "alert about the spool",
    start() {
      const watch = createSpoolWatch({
        sql: clients.sql,
        spool: () => ({ bytes: spool.bytes(), isDatabaseUnavailable: writer.isDatabaseUnavailable() }),
        host: hostname(),
        folder: config.dataDir,
        now: () => new Date(),
      });
      return repeat(everyMs.spool, 0, watch.tick);
    },
    stop: watch => watch.stop(),
  };
}

/** Runs something again and again, never twice at once; `stop` resolves when the last run has ended. */
function repeat(everyMs: number, firstMs: number, run: () => Promise<void>): Stoppable {
  let running: Promise<void> | null = null;
  const once = () => {
    running ??= run().finally(() => {
      running = null;
    });
  };
  let timer: NodeJS.Timeout;
  const first = setTimeout(() => {
    once();
    timer = setInterval(once, everyMs);
  }, firstMs);
  return {
    async stop() {
      clearTimeout(first);
      clearInterval(timer);
      await running;
    },
  };
}
