import type { Logger } from "pino";
import { programRole } from "../embedded-postgres/program-role.ts";
import { startEmbedded } from "../embedded-postgres/start.ts";
import { connectDrizzle, connectHot, type Db, type Sql, waitForDatabase } from "./connect.ts";
import { grantToProgram } from "./grants.ts";
import { migrate } from "./migrate.ts";
import { ensurePartitions } from "./partitions.ts";
import { watchClients } from "./watch.ts";

/** One client for each kind of work, so that none waits behind the statements of another. */
export type Clients = { receiveSql: Sql; sql: Sql; answerSql: Sql; deliverSql: Sql; listenSql: Sql; db: Db };

/** `directUrl`: for sessions of their own, which a pooler does not give. */
export type Database = { directUrl: string; clients: Clients; close(): Promise<void> };

export type DatabaseOptions = {
  /** null: the embedded database under `dataDir`. */
  databaseUrl: string | null;
  /** The same database without a pooler before it; null: `databaseUrl`. */
  databaseDirectUrl: string | null;
  /** Absolute path. */
  dataDir: string;
  /** Directory with `postgres` and `initdb` for the embedded database; null: the bundled ones. */
  pgBinDir: string | null;
  /** Receiver processes that use the embedded database. */
  processes: number;
};

const connectionsMax = { receive: 4, work: 8, answer: 4, deliver: 6, manage: 4 } as const;
const endS = 5;

/**
 * Starts or joins the embedded database, or waits for the one of `databaseUrl`; migrates; connects. Where it fails, it
 * closes what it had opened.
 */
export async function openDatabase(
  { databaseUrl, databaseDirectUrl, dataDir, pgBinDir, processes }: DatabaseOptions,
  log: Logger,
  signal: AbortSignal,
): Promise<Database> {
  const embedded =
    databaseUrl === null ? await startEmbedded({ dataDir, binDir: pgBinDir ?? undefined, processes, log }) : null;
  const url = databaseUrl ?? embedded!.url;
  const directUrl = databaseDirectUrl ?? url;
  const ownerUrl = embedded?.ownerUrl ?? directUrl;
  const clients = connectClients(url, directUrl);
  const { db, listenSql, ...hot } = clients;
  const watched = { ...hot, db: db.$client };
  const close = async () => {
    await Promise.all([listenSql, ...Object.values(watched)].map(client => client.end({ timeout: endS })));
    await embedded?.stop();
  };
  try {
    for (const each of new Set([ownerUrl, url])) {
      if ((await waitForDatabase(each, signal, log)) === "aborted") {
        throw new Error("stopped while waiting for the database");
      }
    }
    await migrate(ownerUrl);
    if (embedded) await grantToProgram(ownerUrl, programRole);
    await ensurePartitions(clients.sql);
  } catch (error) {
    await close();
    throw error;
  }
  const watch = watchClients(watched, log);
  return {
    directUrl,
    clients,
    async close() {
      watch.stop();
      await close();
    },
  };
}

/** Each client connects at its first statement. */
function connectClients(url: string, directUrl: string): Clients {
  return {
    receiveSql: connectHot(url, { applicationName: "hakika receive", max: connectionsMax.receive }),
    sql: connectHot(url, { applicationName: "hakika work", max: connectionsMax.work, byKey: true }),
    answerSql: connectHot(url, { applicationName: "hakika answer", max: connectionsMax.answer }),
    deliverSql: connectHot(url, { applicationName: "hakika deliver", max: connectionsMax.deliver, byKey: true }),
    listenSql: connectHot(directUrl, { applicationName: "hakika notices", max: 1 }),
    db: connectDrizzle(url, {}, { max: connectionsMax.manage }),
  };
}
