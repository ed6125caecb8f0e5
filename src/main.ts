import { Registry } from "prom-client";
import { compose } from "./app/compose.ts";
import type { Config } from "./app/config.ts";
import { ensureGeneratedKeys } from "./app/generated-keys.ts";
import { startServer } from "./app/http-server.ts";
import type { Running, StartOptions } from "./app/running.ts";
import { startingApp } from "./app/starting-app.ts";
import { type Database, openDatabase } from "./database/open.ts";
import { processMetrics } from "./metrics/process.ts";

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
