import { join } from "node:path";
import { Command } from "commander";
import type { Config } from "../app/config.ts";
import { makeLogger } from "../app/log.ts";
import { childProcess } from "../app/processes/child.ts";
import { isFirstOfSeveral, startProcesses } from "../app/processes/first.ts";
import type { Running } from "../app/running.ts";
import { startHakika } from "../main.ts";
import { configuration } from "./configuration.ts";
import { whenOrphaned } from "./orphaned.ts";
import { startTransactionCommands } from "./resources/start-transaction.ts";

const lingerMs = 1_000;

/**
 * `hakika start`: everything in one process, until SIGTERM or SIGINT. With the name of something to start, such as
 * `hakika start payment`, it is that instead.
 */
export function startCommand(): Command {
  const command = new Command("start")
    .description("starts the server (receiver, worker, or both: HAKIKA_ROLES); or a payment, payout, airtime, ...")
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
      const shown = running.adminKeyIsNew ? newAdminKey(running.adminKey, config.dataDir) : null;
      if (child !== null) child.ready(running.url);
      else announce(running, shown, options.json === true);
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
  for (const started of startTransactionCommands()) command.addCommand(started);
  return command;
}

/** Warnings about callback URLs with the wildcard address, which no provider can reach. That happens in containers. */
export function unreachableUrls({ host, publicUrlIsDefault }: Pick<Config, "host" | "publicUrlIsDefault">): string[] {
  if (!publicUrlIsDefault || !["0.0.0.0", "::"].includes(host)) return [];
  return [
    `HAKIKA_PUBLIC_URL is not set, and HOST is ${host}: set it to what providers reach, or callback URLs lead nowhere`,
  ];
}

/** A new admin key, as the start that made it shows it: itself on a terminal alone, else the file that has it. */
type NewAdminKey = { text: string; json: { admin_key: string } | { admin_key_file: string } };

/** Output that is no terminal ends in journals and log collectors, where a key must not be. */
export function newAdminKey(key: string, dataDir: string, isTerminal = process.stdout.isTTY): NewAdminKey {
  const file = join(dataDir, "admin.key");
  if (isTerminal) return { text: `${key}   (shown this once; kept in ${file})`, json: { admin_key: key } };
  return { text: `in ${file}`, json: { admin_key_file: file } };
}

/** Prints the addresses. */
function announce({ url, adminUrl }: Running, adminKey: NewAdminKey | null, json: boolean): void {
  if (json) {
    const addresses = { console: `${adminUrl}/`, api: `${adminUrl}/docs`, ...(adminUrl !== url && { callbacks: url }) };
    process.stdout.write(`${JSON.stringify({ ...addresses, ...adminKey?.json })}\n`);
    return;
  }
  const lines = [`Console:    ${adminUrl}/`, `API:        ${adminUrl}/docs`];
  if (adminUrl !== url) lines.push(`Public:     ${url}`);
  if (adminKey !== null) lines.push(`Admin key:  ${adminKey.text}`);
  process.stdout.write(`${lines.join("\n")}\n`);
}
