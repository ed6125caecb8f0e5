import type { Logger } from "pino";
import { type Database, openDatabase } from "../database/open.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Config } from "./config.ts";
import type { Service } from "./service-list.ts";

/** The database clients, and the embedded server where one is used. `signal` ends the wait for a database. */
export function databaseService(
  config: Config,
  log: Logger,
  signal: AbortSignal,
  telemetry: Telemetry,
): Service<Database> {
  return {
    name: "database",
    start: () => openDatabase(config, log, signal, refused => telemetry.publish("statement.refused", () => refused)),
    stop: database => database.close(),
  };
}
