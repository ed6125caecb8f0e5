import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type MigrationConfig, type MigrationMeta, readMigrationFiles } from "drizzle-orm/migrator";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as runMigrations } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { packageFolder } from "../package-folder.ts";
import { addressOf } from "./address.ts";
import { isCluster, isDistributed, tablesOf } from "./cluster/cluster-store.ts";
import { type Distributed, distribute, undistributed } from "./cluster/distribute.ts";
import { distributedMigrations } from "./cluster/distributed-migrations.ts";
import { connectHot, type Sql } from "./connect.ts";
import { createVault } from "./vault/vault.ts";

/** `migrations/` of the package. */
export const migrationsFolder = path.join(packageFolder, "migrations");

/** A number that no other advisory lock of this program uses. */
const migrationLock = 4_277_009_101;
const oldestVersion = 15;

/** What a run did. `distributed` and `waiting` are tables of a cluster. */
export type Migrated = Distributed & { migrations: number };

/** `withRows`: on a cluster, tables that have rows already are distributed too. */
export type MigrateOptions = { folder?: string; withRows?: boolean };

/**
 * Brings the database up to the newest migration, and distributes its tables where it is a cluster. Drizzle's migrator
 * takes no lock, so one is taken around it: of two processes that start at once, the second finds nothing left to do.
 * It is a transaction's, on a connection beside: a pooler would keep a session's after its client is gone. Throws where
 * the server is too old, and where a migration fails (then nothing of this run stays).
 */
export async function migrateDatabase(
  url: string,
  { folder = migrationsFolder, withRows = false }: MigrateOptions = {},
): Promise<Migrated> {
  const sql = clientOfOneConnection(url, "hakika migrate");
  const lock = clientOfOneConnection(url, "hakika migration lock");
  try {
    const [server] = await sql<{ num: number }[]>`select current_setting('server_version_num')::int as num`;
    const problem = versionProblem(server?.num ?? 0);
    if (problem !== null) throw new Error(problem);
    // A role without rights on the schema starts a program on a database that its owner has migrated.
    const isPending = await lacksNewest(sql, folder);
    if (!isPending && !((await isCluster(sql)) && undistributed(await tablesOf(sql)).length > 0)) {
      return { migrations: 0, distributed: [], waiting: [] };
    }
    return await lock.begin(async tx => {
      await tx`set local idle_in_transaction_session_timeout = 0`;
      await tx`select pg_advisory_xact_lock(${migrationLock})`;
      const migrations = isPending ? await runPending(sql, folder) : 0;
      return { migrations, ...(await distribute(sql, { withRows })) };
    });
  } finally {
    await Promise.all([sql, lock].map(client => client.end({ timeout: 5 })));
  }
}

/** The same, where the number of migrations that ran is enough to know. */
export async function migrate(url: string, folder: string = migrationsFolder): Promise<number> {
  return (await migrateDatabase(url, { folder })).migrations;
}

/** A client of one connection, never replaced, that works through a pooler too. */
export function clientOfOneConnection(url: string, applicationName: string): Sql {
  const address = addressOf(url);
  const client = postgres(address.url, {
    ...address.options,
    max: 1,
    max_lifetime: null,
    prepare: false,
    onnotice: () => {},
    connection: { application_name: applicationName },
    types: { bigint: postgres.BigInt },
  });
  // Migrations read nothing personal.
  return Object.assign(client, { vault: createVault() }) as unknown as Sql;
}

async function runPending(sql: Sql, folder: string): Promise<number> {
  const before = await countApplied(sql);
  const db = drizzle(sql as unknown as postgres.Sql);
  if (await isDistributed(sql)) {
    // Statements of one migration that touch all shards one after the other, as its foreign keys require.
    await sql`set citus.multi_shard_modify_mode = 'sequential'`;
    const migrations = distributedMigrations(readMigrationFiles({ migrationsFolder: folder }));
    await migrator(db).dialect.migrate(migrations, migrator(db).session, { migrationsFolder: folder });
  } else {
    await runMigrations(db, { migrationsFolder: folder });
  }
  return (await countApplied(sql)) - before;
}

/** What Drizzle's own `migrate` calls: its types hide both. */
function migrator(db: object) {
  return db as {
    dialect: { migrate(migrations: MigrationMeta[], session: unknown, config: MigrationConfig): Promise<void> };
    session: unknown;
  };
}

/** Why a server of this `server_version_num` (180004 is 18.4) cannot be used; `null` where it can. */
export function versionProblem(versionNum: number): string | null {
  const major = Math.floor(versionNum / 10_000);
  if (major >= oldestVersion) return null;
  return `The database is PostgreSQL ${major}.${versionNum % 100}; Hakika needs ${oldestVersion} or later.`;
}

/** Whether the database lacks a migration of this program. One small query: readiness may ask it every second. */
export async function pendingMigrations(database: string | Sql, folder: string = migrationsFolder): Promise<boolean> {
  if (typeof database !== "string") return lacksNewest(database, folder);
  const sql = connectHot(database, { applicationName: "hakika migrations", max: 1, isPooled: true });
  try {
    return await lacksNewest(sql, folder);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

// As Drizzle does: a migration that is not newer than the newest applied one counts as applied.
async function lacksNewest(sql: Sql, folder: string): Promise<boolean> {
  const newest = newestMigration(folder);
  if (newest === null) return false;
  const until = await appliedUntil(sql);
  return until === null || until < newest;
}

/** The time of the newest migration that ran, by which Drizzle knows it; null before the first. */
export async function appliedUntil(sql: Sql): Promise<bigint | null> {
  const [table] = await sql<{ found: boolean }[]>`
    select to_regclass('drizzle.__drizzle_migrations') is not null as found`;
  if (!table!.found) return null;
  const [row] = await sql<{ newest: bigint | null }[]>`
    select max(created_at) as newest from drizzle.__drizzle_migrations`;
  return row?.newest ?? null;
}

function newestMigration(folder: string): bigint | null {
  const journal = path.join(folder, "meta", "_journal.json");
  if (!existsSync(journal)) return null;
  const { entries } = JSON.parse(readFileSync(journal, "utf8")) as { entries: { when: number }[] };
  return entries.length === 0 ? null : BigInt(Math.max(...entries.map(entry => entry.when)));
}

async function countApplied(sql: Sql): Promise<number> {
  if ((await appliedUntil(sql)) === null) return 0;
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from drizzle.__drizzle_migrations`;
  return row!.count;
}
