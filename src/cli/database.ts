import { existsSync } from "node:fs";
import type { Config } from "../app/config.ts";
import { connectHot, type Sql } from "../database/connect.ts";
import { layoutOf } from "../embedded-postgres/layout.ts";
import { startEmbedded } from "../embedded-postgres/start.ts";
import { quietLog } from "./quiet-log.ts";

const connectionsMax = 4;

/** The database as it is, for commands that look below the API: nothing is migrated. */
export type CliDatabase = { sql: Sql; url: string; close(): Promise<void> };

/** Throws where there is none yet, or it does not answer. Joins the embedded one beside a running server. */
export async function openCliDatabase(config: Config): Promise<CliDatabase> {
  if (config.databaseUrl === null && !existsSync(layoutOf(config.dataDir).cluster)) {
    throw new Error(`there is no database in ${config.dataDir} yet: hakika start or hakika migrate makes one`);
  }
  const embedded =
    config.databaseUrl === null
      ? await startEmbedded({ dataDir: config.dataDir, binDir: config.pgBinDir ?? undefined, log: quietLog() })
      : null;
  const url = config.databaseUrl ?? embedded!.url;
  const sql = connectHot(url, { applicationName: "hakika cli", max: connectionsMax });
  return {
    sql,
    url,
    async close() {
      await sql.end({ timeout: 5 });
      await embedded?.stop();
    },
  };
}
