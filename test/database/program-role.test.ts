import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { appendAudit, insertHeads, onQueryable } from "../../src/database/audit/append-store.ts";
import { connectHot, type Sql } from "../../src/database/connect.ts";
import { grantToProgram } from "../../src/database/grants.ts";
import { migrate } from "../../src/database/migrate.ts";
import { type Database, openDatabase } from "../../src/database/open.ts";
import { dropOldPartitions, ensurePartitions } from "../../src/database/partitions.ts";
import { programRole } from "../../src/embedded-postgres/program-role.ts";
import { startEmbedded } from "../../src/embedded-postgres/start.ts";
import { newDataFolder } from "../support/data-folder.ts";
import { silentLog } from "../support/silent-log.ts";

let database: Database;
let sql: Sql;
beforeAll(async () => {
  const pgBinDir = inject("postgresBin") ?? null;
  const dataDir = newDataFolder();
  database = await openDatabase(
    { databaseUrl: null, databaseDirectUrl: null, dataDir, pgBinDir, processes: 1 },
    silentLog,
    new AbortController().signal,
  );
  sql = database.clients.sql;
});
afterAll(() => database?.close());

const refusedCode = (work: PromiseLike<unknown>) =>
  Promise.resolve(work).then(
    () => "done",
    (error: { code?: string }) => error.code,
  );

describe("regression: the program's role on the embedded database", () => {
  test("is no superuser, and owns nothing but the tables of raw bodies", async () => {
    const [role] = await sql`
      select rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls from pg_roles where rolname = current_user`;
    expect(role).toEqual({
      rolname: "hakika_program",
      ...{ rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolbypassrls: false },
    });
    const owned = await sql<{ name: string }[]>`
      select relname as name from pg_class where relkind in ('r', 'p') and relowner = current_user::regrole`;
    expect(owned.filter(({ name }) => !name.startsWith("callback_bodies"))).toEqual([]);
    expect(await refusedCode(sql.unsafe("copy (select 1) to program 'true'"))).toBe("42501");
    expect(await refusedCode(sql.unsafe("create role other"))).toBe("42501");
  });

  test("reads the audit and adds to it, and may not change or remove an entry", async () => {
    const key = Buffer.alloc(32, 9);
    await insertHeads(onQueryable(sql), key, [3]);
    await sql.begin(tx =>
      appendAudit(onQueryable(tx), key, {
        ...{ shard: 3, merchantId: null, actor: "admin", actorKind: "admin", actorName: null, actorAddress: null },
        ...{ action: "merchant.created", subject: "x", before: null, after: null },
      }),
    );
    expect((await sql`select id from audit`).length).toBe(1);
    for (const statement of [
      "update audit set action = 'x'",
      "delete from audit",
      "truncate audit",
      "drop table audit",
      "alter table audit disable trigger all",
      "delete from audit_heads",
      "truncate audit_heads",
    ]) {
      expect(await refusedCode(sql.unsafe(statement)), statement).toBe("42501");
    }
  });

  test("makes the partitions of raw bodies, and drops them", async () => {
    await ensurePartitions(sql);
    const [{ name } = { name: "" }] = await sql<{ name: string }[]>`
      select min(relname) as name from pg_class where relname ~ '^callback_bodies_2'`;
    await sql.unsafe(`drop table ${name}`);
    await ensurePartitions(sql);
    expect(await dropOldPartitions(sql, 1)).toEqual({ dropped: 0, postponed: 0 });
  });

  test("is given its rights by several processes at once, and again where they are lost or too many", async () => {
    const dataDir = newDataFolder();
    const embedded = await startEmbedded({ dataDir, binDir: inject("postgresBin"), processes: 4, log: silentLog });
    const owner = connectHot(embedded.ownerUrl, { applicationName: "hakika test", max: 1 });
    const grantAtOnce = () =>
      Promise.all(Array.from({ length: 4 }, () => grantToProgram(embedded.ownerUrl, programRole)));
    const has = async (table: string, right: string) => {
      const [row] = await owner`select has_table_privilege(${programRole}, ${table}, ${right}) as has`;
      return row?.has;
    };
    try {
      await migrate(embedded.ownerUrl);
      await grantAtOnce();
      expect([await has("polls", "insert"), await has("audit", "insert"), await has("audit", "update")]).toEqual([
        true,
        true,
        false,
      ]);
      await owner.unsafe(`grant update on audit to ${programRole}; revoke insert on polls from ${programRole};
        create table added_later (shard smallint)`);
      await grantAtOnce();
      expect([await has("polls", "insert"), await has("added_later", "delete")]).toEqual([true, true]);
      expect(await has("audit", "update")).toBe(false);
    } finally {
      await owner.end({ timeout: 5 });
      await embedded.stop();
    }
  });

  test("starts on a migrated database without any right to migrate it", async () => {
    expect(await migrate(database.directUrl)).toBe(0);
    await expect(grantToProgram(database.directUrl, "hakika_program; drop table audit")).rejects.toThrow(
      "no name of a role",
    );
  });
});
