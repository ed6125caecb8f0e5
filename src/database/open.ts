import type { Logger } from "pino";
import { programRole } from "../embedded-postgres/program-role.ts";
import { startEmbedded } from "../embedded-postgres/start.ts";
import { connectDrizzle, connectHot, type Db, type Sql, waitForDatabase } from "./connect.ts";
import { grantToProgram } from "./grants.ts";
import { migrate } from "./migrate.ts";
import { ensurePartitions } from "./partitions.ts";
import { createVault, type Vault } from "./vault/vault.ts";
import { watchClients } from "./watch.ts";

/**
 * One client for each kind of work, so that none waits behind the statements of another. They share a vault, which is
 * locked until the program has read its key.
 */
export type Clients = { receiveSql: Sql; sql: Sql; answerSql: Sql; deliverSql: Sql; db: Db; vault: Vault };

export type Database = { url: string; clients: Clients; close(): Promise<void> };

export type DatabaseOptions = {
  /** null: the embedded database under `dataDir`. */
  databaseUrl: string | null;
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
  { databaseUrl, dataDir, pgBinDir, processes }: DatabaseOptions,
  log: Logger,
  signal: AbortSignal,
): Promise<Database> {
  const embedded =
    databaseUrl === null ? await startEmbedded({ dataDir, binDir: pgBinDir ?? undefined, processes, log }) : null;
  const url = databaseUrl ?? embedded!.url;
  const ownerUrl = embedded?.ownerUrl ?? url;
  const clients = connectClients(url);
  const { db, vault: _, ...hot } = clients;
  const all = { ...hot, db: db.$client };
  const close = async () => {
    await Promise.all(Object.values(all).map(client => client.end({ timeout: endS })));
    await embedded?.stop();
  };
  try {
    if ((await waitForDatabase(ownerUrl, signal, log)) === "aborted") {
      throw new Error("stopped while waiting for the database");
    }
    await migrate(ownerUrl);
    if (embedded) await grantToProgram(ownerUrl, programRole);
    await ensurePartitions(clients.sql);
  } catch (error) {
    await close();
    throw error;
  }
  const watch = watchClients(all, log);
  return {
    url,
    clients,
    async close() {
      watch.stop();
      await close();
    },
  };
}

/** Each client connects at its first statement. */
function connectClients(url: string): Clients {
  const vault = createVault();
  return {
    vault,
    receiveSql: connectHot(url, { applicationName: "hakika receive", max: connectionsMax.receive, vault }),
    sql: connectHot(url, { applicationName: "hakika work", max: connectionsMax.work, byKey: true, vault }),
    answerSql: connectHot(url, { applicationName: "hakika answer", max: connectionsMax.answer, vault }),
    deliverSql: connectHot(url, { applicationName: "hakika deliver", max: connectionsMax.deliver, byKey: true, vault }),
    db: connectDrizzle(url, {}, { max: connectionsMax.manage }),
  };
}
