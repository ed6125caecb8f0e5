import postgres from "postgres";
import { addressOf } from "./address.ts";

const roleName = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * Gives the program's role what it needs after a migration, and no more: rows of every table, but of the audit only
 * reading and adding. It owns the tables of raw bodies, whose daily partitions it makes and drops. Run as the owner of
 * the tables, or as a superuser; may be repeated. Throws where the role does not exist.
 */
export async function grantToProgram(ownerUrl: string, role: string): Promise<void> {
  if (!roleName.test(role)) throw new Error(`"${role}" is no name of a role: write small letters, digits, underscores`);
  const address = addressOf(ownerUrl);
  const sql = postgres(address.url, {
    ...address.options,
    max: 1,
    onnotice: () => {},
    connection: { application_name: "hakika grants" },
  });
  try {
    await sql.begin(async tx => {
      await tx.unsafe(grants(role));
      for (const { name } of await bodyTablesOfOthers(tx, role))
        await tx.unsafe(`alter table ${name} owner to ${role}`);
    });
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** The statements, as `docs/operating.md` explains them. */
function grants(role: string): string {
  return `
    grant usage, create on schema public to ${role};
    grant usage on schema drizzle to ${role};
    grant select on all tables in schema drizzle to ${role};
    grant select, insert, update, delete on all tables in schema public to ${role};
    revoke update, delete, truncate on audit from ${role};
    revoke delete, truncate on audit_heads from ${role};`;
}

async function bodyTablesOfOthers(tx: postgres.TransactionSql, role: string): Promise<{ name: string }[]> {
  return await tx<{ name: string }[]>`
    select c.oid::regclass::text as name from pg_class c
    where c.relowner <> ${role}::regrole and (c.oid = 'callback_bodies'::regclass
      or c.oid in (select inhrelid from pg_inherits where inhparent = 'callback_bodies'::regclass))`;
}
