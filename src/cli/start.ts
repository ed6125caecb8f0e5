import { Command } from "commander";
import type { Config } from "../app/config.ts";
import { makeLogger } from "../app/log.ts";
import { childProcess } from "../app/processes/child.ts";
import { isFirstOfSeveral, startProcesses } from "../app/processes/first.ts";
import { startHakika } from "../main.ts";
import { configuration } from "./configuration.ts";
import { whenOrphaned } from "./orphaned.ts";

const lingerMs = 1_000;

/** `hakika start`: everything in one process, until SIGTERM or SIGINT. */
export function startCommand(): Command {
  return new Command("start")
    .description("starts the server (receiver, worker, or both: HAKIKA_ROLES)")
    .option("--json", "print the addresses, and a new admin key, as one line of JSON (the log is JSON in any case)")
    .action(async (options: { json?: boolean }) => {
      const config = configuration();
      const log = makeLogger({ level: config.logLevel });
      const child = childProcess();
      const warnings = [...config.warnings, ...unreachableUrls(config)];
      if (child === null) for (const warning of warnings) log.warn(warning);
      const stopping = new AbortController();
      const stopped = new Promise<void>(resolve => {
        const stop = (why: string) => {
          // A signal to a process group comes twice where npm passes it on. The second must not end the stop early.
          if (stopping.signal.aborted) return;
          log.info({ signal: why }, "stopping: no new requests, running work finishes");
          stopping.abort();
          resolve();
        };
        for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => stop(name));
        whenOrphaned(() => stop("the parent is gone"));
      });
      process.on("unhandledRejection", error => log.error({ err: error }, "unhandled rejection"));
      const start = isFirstOfSeveral(config) ? startProcesses : startHakika;
      const running = await start(config, { log, signal: stopping.signal, child }).catch((error: unknown) => {
        if (stopping.signal.aborted) return null;
        throw error;
      });
      if (running === null) return log.info("stopped before the start was complete");
      if (child !== null) child.ready(running.url);
      else announce(running.url, running.adminKeyIsNew ? running.adminKey : null, options.json === true);
      log.info({ url: running.url, roles: [...config.roles] }, "started");
      const failure = await Promise.race([stopped, running.failed].filter(end => end !== undefined));
      await running.stop();
      if (failure instanceof Error) throw failure;
      log.info("stopped");
      process.exitCode = 0;
      child?.end();
      // Connections to a database that does not answer would keep the process alive.
      setTimeout(() => process.exit(0), lingerMs).unref();
    });
}

/** Warnings about callback URLs with the wildcard address, which no provider can reach. That happens in containers. */
export function unreachableUrls({ host, publicUrlIsDefault }: Pick<Config, "host" | "publicUrlIsDefault">): string[] {
  if (!publicUrlIsDefault || !["0.0.0.0", "::"].includes(host)) return [];
  return [
    `HAKIKA_PUBLIC_URL is not set, and HOST is ${host}: set it to what providers reach, or callback URLs lead nowhere`,
  ];
}

/** Prints the addresses. The admin key is shown only by the start that made it. */
function announce(url: string, newAdminKey: string | null, json: boolean): void {
  if (json) {
    const said = { console: `${url}/`, api: `${url}/docs`, ...(newAdminKey !== null && { admin_key: newAdminKey }) };
    process.stdout.write(`${JSON.stringify(said)}\n`);
    return;
  }
  const lines = [`Console:    ${url}/`, `API:        ${url}/docs`];
  if (newAdminKey !== null)
    lines.push(`Admin key:  ${newAdminKey}   (shown this once; kept in admin.key of the data folder)`);
  process.stdout.write(`${lines.join("\n")}\n`);
}
