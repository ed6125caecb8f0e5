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
const poolerAlone =
  "DATABASE_URL names a pooler: set DATABASE_DIRECT_URL to the server itself, else notices are lost and the work of a " +
  "process that ended waits for its leases";

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
  let clients: Clients | null = null;
  const close = async () => {
    if (clients !== null) {
      const all = Object.values({ ...clients, db: clients.db.$client });
      await Promise.all(all.map(client => client.end({ timeout: endS })));
    }
    await embedded?.stop();
  };
  try {
    if (ownerUrl !== url) await reach(ownerUrl, signal, log);
    const isPooled = (await reach(url, signal, log)) === "pooled";
    if (isPooled && databaseDirectUrl === null) log.warn(poolerAlone);
    clients = connectClients({ url, directUrl, isPooled });
    await migrate(ownerUrl);
    if (embedded) await grantToProgram(ownerUrl, programRole);
    await ensurePartitions(clients.sql);
  } catch (error) {
    await close();
    throw error;
  }
  const { db, listenSql: _, ...hot } = clients;
  const watch = watchClients({ ...hot, db: db.$client }, log);
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

/** Each client connects at its first statement. */
function connectClients({ url, directUrl, isPooled }: { url: string; directUrl: string; isPooled: boolean }): Clients {
  const hot = (name: keyof typeof connectionsMax, byKey = false) =>
    connectHot(url, { applicationName: `hakika ${name}`, max: connectionsMax[name], byKey, isPooled });
  return {
    receiveSql: hot("receive"),
    sql: hot("work", true),
    answerSql: hot("answer"),
    deliverSql: hot("deliver", true),
    listenSql: connectHot(directUrl, {
      applicationName: "hakika notices",
      max: 1,
      isPooled: directUrl === url && isPooled,
    }),
    db: connectDrizzle(url, {}, { max: connectionsMax.manage, isPooled }),
  };
}
