import { compose } from "./compose.ts";
import type { Config } from "./config.ts";
import { type Database, openDatabase } from "./database/open.ts";
import { ensureGeneratedKeys } from "./generated-keys.ts";
import { startingApp, startServer } from "./http-server.ts";
import type { Running, StartOptions } from "./running.ts";

/** Listens at once, waits for the database, then composes everything. What was begun is ended where the start fails. */
export async function startHakika(config: Config, options: StartOptions): Promise<Running> {
  const keys = ensureGeneratedKeys(config);
  const server = await startServer({ host: config.host, port: config.port, starting: startingApp() });
  let database: Database | null = null;
  try {
    database = await openDatabase(config, options.log, options.signal);
    return await compose(config, options, { keys, server, database });
  } catch (error) {
    await server.drain(0);
    await database?.close();
    throw error;
  }
}
