import type { Logger } from "pino";
import { programRole } from "../embedded-postgres/program-role.ts";
import { startEmbedded } from "../embedded-postgres/start.ts";
import { isDistributed } from "./cluster/cluster-store.ts";
import { connectDrizzle, connectHot, type Db, type Sql, waitForDatabase } from "./connect.ts";
import { grantToProgram } from "./grants.ts";
import { clientOfOneConnection, migrateDatabase } from "./migrate.ts";
import { ensurePartitions } from "./partitions.ts";
import type { OnRefused } from "./reconnecting-client.ts";
import { isConnectionLost } from "./unavailable.ts";
import { createVault, type Vault } from "./vault/vault.ts";
import { watchClients } from "./watch.ts";

/**
 * One client for each kind of work, so that none waits behind the statements of another. They share a vault, which is
 * locked until the program has read its key.
 */
export type Clients = {
  receiveSql: Sql;
  sql: Sql;
  answerSql: Sql;
  deliverSql: Sql;
  listenSql: Sql;
  db: Db;
  vault: Vault;
};

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
const poolerAlone =
  "DATABASE_URL names a pooler: set DATABASE_DIRECT_URL to the server itself, else notices are lost and the work of " +
  "a process that ended waits for its leases";

/**
 * Starts or joins the embedded database, or waits for the one of `databaseUrl`; migrates; connects. Where it fails, it
 * closes what it had opened.
 */
export async function openDatabase(
  { databaseUrl, databaseDirectUrl, dataDir, pgBinDir, processes }: DatabaseOptions,
  log: Logger,
  signal: AbortSignal,
  onRefused: OnRefused = () => {},
): Promise<Database> {
  const embedded =
    databaseUrl === null ? await startEmbedded({ dataDir, binDir: pgBinDir ?? undefined, processes, log }) : null;
  const url = databaseUrl ?? embedded!.url;
  const directUrl = databaseDirectUrl ?? url;
  const ownerUrl = embedded?.ownerUrl ?? directUrl;
  let clients: Clients | null = null;
  const close = async () => {
    await Promise.all(Object.values(clients === null ? {} : all(clients)).map(client => client.end({ timeout: endS })));
    await embedded?.stop();
  };
  try {
    for (;;) {
      if (ownerUrl !== url) await reach(ownerUrl, signal, log);
      const isPooled = (await reach(url, signal, log)) === "pooled";
      try {
        const { waiting } = await migrateDatabase(ownerUrl);
        if (waiting.length > 0) log.warn({ tables: waiting }, notDistributed);
        if (embedded) await grantToProgram(ownerUrl, programRole);
        const isDistributed = await hasDistributed(directUrl);
        clients ??= connectClients({ url, directUrl }, { isPooled, isDistributed, onRefused });
        await ensurePartitions(clients.sql);
        if (isPooled && databaseDirectUrl === null) log.warn(poolerAlone);
        break;
      } catch (error) {
        if (!isConnectionLost(error)) throw error;
        log.warn({ err: error }, "the database was lost during the start: waiting for it again");
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  const { listenSql: _, ...watched } = all(clients);
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

async function reach(url: string, signal: AbortSignal, log: Logger): Promise<"ready" | "pooled"> {
  const reached = await waitForDatabase(url, signal, log);
  if (reached === "aborted") throw new Error("stopped while waiting for the database");
  return reached;
}

const notDistributed =
  "the database is a cluster, and its tables have rows on the coordinator: `hakika migrate --distribute` moves them";

function all({ db, vault: _, ...hot }: Clients): Record<string, Sql | Db["$client"]> {
  return { ...hot, db: db.$client };
}

async function hasDistributed(url: string): Promise<boolean> {
  const sql = clientOfOneConnection(url, "hakika start");
  try {
    return await isDistributed(sql);
  } finally {
    await sql.end({ timeout: endS });
  }
}

/** Each client connects at its first statement. */
function connectClients(
  { url, directUrl }: { url: string; directUrl: string },
  has: { isPooled: boolean; isDistributed: boolean; onRefused: OnRefused },
): Clients {
  const vault = createVault();
  const hot = (applicationName: string, max: number, byKey: boolean) =>
    connectHot(url, { applicationName, max, byKey, vault, ...has });
  return {
    vault,
    receiveSql: hot("hakika receive", connectionsMax.receive, false),
    sql: hot("hakika work", connectionsMax.work, true),
    answerSql: hot("hakika answer", connectionsMax.answer, false),
    deliverSql: hot("hakika deliver", connectionsMax.deliver, true),
    listenSql: connectHot(directUrl, {
      applicationName: "hakika notices",
      max: 1,
      isPooled: directUrl === url && has.isPooled,
    }),
    db: connectDrizzle(url, {}, { max: connectionsMax.manage, isPooled: has.isPooled, onRefused: has.onRefused }),
  };
}
