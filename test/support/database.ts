import { inject } from "vitest";
import { connectHot, type Sql } from "../../src/database/connect.ts";
import { onServer, urlOf } from "./template.ts";
import { testVault } from "./test-vault.ts";

export type TestDatabase = {
  url: string;
  /** A client that `drop` ends. */
  sql: Sql;
  /** Ends `sql`, throws other clients out and removes the database. */
  drop(): Promise<void>;
};

let made = 0;

/** A migrated database that nobody else uses: a clone of the run's template. Any number may be made at once. */
export async function testDatabase(): Promise<TestDatabase> {
  const serverUrl = inject("serverUrl");
  const template = inject("template");
  const name = `${template}_${process.pid}_${made++}`;
  await onServer(serverUrl, sql => sql`create database ${sql(name)} template ${sql(template)}`);
  const url = urlOf(serverUrl, name);
  const sql = connectHot(url, { applicationName: "hakika test", max: 5, vault: testVault() });
  return {
    url,
    sql,
    async drop() {
      await sql.end({ timeout: 5 });
      await onServer(serverUrl, admin => admin`drop database if exists ${admin(name)} with (force)`);
    },
  };
}
