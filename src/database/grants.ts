import postgres from "postgres";
import { addressOf } from "./address.ts";

const roleName = /^[a-z_][a-z0-9_]{0,62}$/;

/** A number that no other advisory lock of this program uses. */
const grantLock = 4_277_009_104;

/**
 * Gives the program's role what it needs after a migration, and no more: rows of every table, but of the audit only
 * reading and adding. It owns the tables of raw bodies, whose daily partitions it makes and drops. Run as the owner of
 * the tables, or as a superuser; may be repeated, by several processes at once too: PostgreSQL refuses a grant while
 * another changes the same table's, so one process grants and the others find nothing left to do. Throws where the
 * role does not exist.
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
      await tx`select pg_advisory_xact_lock(${grantLock})`;
      const bodyTables = await bodyTablesOfOthers(tx, role);
      if (bodyTables.length === 0 && (await isGranted(tx, role))) return;
      await tx.unsafe(grants(role));
      for (const { name } of bodyTables) await tx.unsafe(`alter table ${name} owner to ${role}`);
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

/** Whether the role has these rights itself, and not one more of the audit: a superuser would seem to have them all. */
async function isGranted(tx: postgres.TransactionSql, role: string): Promise<boolean> {
  const [row] = await tx<{ granted: boolean }[]>`
    with wanted as (
      select c.oid, case
        when c.relnamespace = 'drizzle'::regnamespace then '{SELECT}'::text[]
        when c.oid = 'audit'::regclass then '{INSERT,SELECT}'
        when c.oid = 'audit_heads'::regclass then '{INSERT,SELECT,UPDATE}'
        else '{DELETE,INSERT,SELECT,UPDATE}' end as rights
      from pg_class c
      where c.relkind in ('r', 'p') and c.relowner <> ${role}::regrole
        and c.relnamespace in ('public'::regnamespace, 'drizzle'::regnamespace)
    ), had as (
      select c.oid, array_agg(a.privilege_type order by a.privilege_type) as rights
      from pg_class c, aclexplode(c.relacl) a where a.grantee = ${role}::regrole group by c.oid
    )
    select has_schema_privilege(${role}, 'public', 'CREATE') and has_schema_privilege(${role}, 'public', 'USAGE')
      and has_schema_privilege(${role}, 'drizzle', 'USAGE')
      and not exists (
        select 1 from wanted left join had using (oid) where had.rights is distinct from wanted.rights
      ) as granted`;
  return row?.granted ?? false;
}

async function bodyTablesOfOthers(tx: postgres.TransactionSql, role: string): Promise<{ name: string }[]> {
  return await tx<{ name: string }[]>`
    select c.oid::regclass::text as name from pg_class c
    where c.relowner <> ${role}::regrole and (c.oid = 'callback_bodies'::regclass
      or c.oid in (select inhrelid from pg_inherits where inhparent = 'callback_bodies'::regclass))`;
}
