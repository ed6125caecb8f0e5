import { Registry } from "prom-client";
import { compose } from "./compose.ts";
import type { Config } from "./config.ts";
import { type Database, openDatabase } from "./database/open.ts";
import { ensureGeneratedKeys } from "./generated-keys.ts";
import { startServer } from "./http-server.ts";
import { processMetrics } from "./metrics/process.ts";
import type { Running, StartOptions } from "./running.ts";
import { startingApp } from "./starting.ts";

/** Listens at once, waits for the database, then composes everything. What was begun is ended where the start fails. */
export async function startHakika(config: Config, options: StartOptions): Promise<Running> {
  const keys = ensureGeneratedKeys(config);
  const metrics = new Registry();
  processMetrics(metrics);
  const server = await startServer({ host: config.host, port: config.port, starting: startingApp(metrics) });
  let database: Database | null = null;
  try {
    database = await openDatabase(config, options.log, options.signal);
    return await compose(config, options, { keys, server, database, metrics });
  } catch (error) {
    await server.drain(0);
    await database?.close();
    throw error;
  }
}
