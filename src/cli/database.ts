import { existsSync } from "node:fs";
import type { Config } from "../app/config.ts";
import { connectHot, type Sql } from "../database/connect.ts";
import { layoutOf } from "../embedded-postgres/layout.ts";
import { startEmbedded } from "../embedded-postgres/start.ts";
import { quietLog } from "./quiet-log.ts";

const connectionsMax = 4;

/** The database, for commands that work below the API. `ownerUrl`: with sessions, and the rights of the owner. */
export type CliDatabase = { sql: Sql; ownerUrl: string; close(): Promise<void> };

/**
 * Opens the database as it is, without migrating it. Throws where there is none yet, or it does not respond. An
 * embedded database is shared with the server that runs on it.
 */
export async function openCliDatabase(config: Config): Promise<CliDatabase> {
  if (config.databaseUrl === null && !existsSync(layoutOf(config.dataDir).cluster)) {
    throw new Error(`there is no database in ${config.dataDir} yet: hakika start or hakika migrate creates it`);
  }
  const embedded =
    config.databaseUrl === null
      ? await startEmbedded({ dataDir: config.dataDir, binDir: config.pgBinDir ?? undefined, log: quietLog() })
      : null;
  const ownerUrl = config.databaseDirectUrl ?? config.databaseUrl ?? embedded!.ownerUrl;
  const sql = connectHot(ownerUrl, {
    applicationName: "hakika cli",
    max: connectionsMax,
    isPooled: config.databaseUrl !== null,
  });
  return {
    sql,
    ownerUrl,
    async close() {
      await sql.end({ timeout: 5 });
      await embedded?.stop();
    },
  };
}
