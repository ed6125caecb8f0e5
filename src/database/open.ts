import type { Logger } from "pino";
import type { Config } from "../app/config.ts";
import { startEmbedded } from "../embedded-postgres/start.ts";
import { connectDrizzle, connectHot, type Db, type Sql, waitForDatabase } from "./connect.ts";
import { migrate } from "./migrate.ts";
import { ensurePartitions } from "./partitions.ts";
import { watchClients } from "./watch.ts";

/** One client for each kind of work, so that none waits behind the statements of another. */
export type Clients = { receiveSql: Sql; sql: Sql; answerSql: Sql; deliverSql: Sql; db: Db };

export type Database = { url: string; clients: Clients; close(): Promise<void> };

const connectionsMax = { receive: 4, work: 8, answer: 4, deliver: 6, manage: 4 } as const;

/** Starts or joins the embedded database, or waits for the one of `DATABASE_URL`; migrates; connects. */
export async function openDatabase(config: Config, log: Logger, signal: AbortSignal): Promise<Database> {
  const embedded =
    config.databaseUrl === null
      ? await startEmbedded({ dataDir: config.dataDir, binDir: config.pgBinDir ?? undefined, log })
      : null;
  const url = config.databaseUrl ?? embedded!.url;
  if ((await waitForDatabase(url, signal, log)) === "aborted") {
    await embedded?.stop();
    throw new Error("stopped while waiting for the database");
  }
  await migrate(url);
  const clients: Clients = {
    receiveSql: connectHot(url, { applicationName: "hakika receive", max: connectionsMax.receive }),
    sql: connectHot(url, { applicationName: "hakika work", max: connectionsMax.work, byKey: true }),
    answerSql: connectHot(url, { applicationName: "hakika answer", max: connectionsMax.answer }),
    deliverSql: connectHot(url, { applicationName: "hakika deliver", max: connectionsMax.deliver, byKey: true }),
    db: connectDrizzle(url, {}, { max: connectionsMax.manage }),
  };
  await ensurePartitions(clients.sql);
  const { db: managing, ...direct } = clients;
  const watch = watchClients({ ...direct, db: managing.$client }, log);
  return {
    url,
    clients,
    async close() {
      watch.stop();
      const { db, ...hot } = clients;
      await Promise.all([...Object.values(hot), db.$client].map(client => client.end({ timeout: 5 })));
      await embedded?.stop();
    },
  };
}
