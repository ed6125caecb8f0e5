import { existsSync } from "node:fs";
import path from "node:path";
import postgres from "postgres";
import { addressOf } from "../../src/database/address.ts";
import { migrate, migrationsFolder } from "../../src/database/migrate.ts";

const prefix = "hakika_test_";
/** Databases this old belong to runs that were killed. */
const oldAfterS = 2 * 3600;

/** `hakika_test_<seconds>_<process>`: tells whose it is and how old. */
export function newRunName(): string {
  return `${prefix}${Math.floor(Date.now() / 1000)}_${process.pid}`;
}

/**
 * Makes and migrates the database that others are cloned from, then closes it: a clone's source must have no visitors.
 */
export async function makeTemplate(serverUrl: string, template: string): Promise<void> {
  await onServer(serverUrl, async sql => {
    await sql`create database ${sql(template)}`;
    await makeSingleNodeCluster(sql, urlOf(serverUrl, template));
    if (existsSync(path.join(migrationsFolder, "meta", "_journal.json"))) await migrate(urlOf(serverUrl, template));
    await sql`alter database ${sql(template)} with allow_connections false`;
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${template}`;
  });
}

/** On a server with Citus the template is a cluster of one node, so that the tests run on distributed tables. */
async function makeSingleNodeCluster(sql: postgres.Sql, url: string): Promise<void> {
  const [server] = await sql<{ citus: boolean; port: number }[]>`
    select current_setting('shared_preload_libraries') like '%citus%' as citus, inet_server_port() as port`;
  if (!server!.citus) return;
  await onServer(url, async citus => {
    await citus`create extension citus`;
    await citus`select citus_set_coordinator_host('127.0.0.1', ${server!.port})`;
    await citus`select citus_set_node_property('127.0.0.1', ${server!.port}, 'shouldhaveshards', true)`;
  });
}

export async function dropOldDatabases(serverUrl: string): Promise<void> {
  const oldest = Math.floor(Date.now() / 1000) - oldAfterS;
  await dropDatabases(serverUrl, name => Number(name.slice(prefix.length).split("_")[0]) < oldest);
}

/** Drops the test databases that `chosen` picks by name. */
export async function dropDatabases(serverUrl: string, chosen: (name: string) => boolean): Promise<void> {
  await onServer(serverUrl, async sql => {
    const rows = await sql<{ name: string }[]>`
      select datname as name from pg_database where starts_with(datname, ${prefix})`;
    for (const { name } of rows.filter(row => chosen(row.name))) {
      await sql`drop database if exists ${sql(name)} with (force)`;
    }
  });
}

/** The address of another database on the same server. */
export function urlOf(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** Runs `work` on one connection of its own. */
export async function onServer<T>(serverUrl: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const { url, options } = addressOf(serverUrl);
  const sql = postgres(url, {
    ...options,
    max: 1,
    onnotice: () => {},
    connection: { application_name: "hakika tests" },
  });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
