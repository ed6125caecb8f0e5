import postgres from "postgres";
import { serverUrl } from "./hold.ts";

/** The role that the program works as: it owns no table but those of raw bodies, and may not change the audit. */
export const programRole = "hakika_program";

/** An advisory lock of the maintenance database, which only this module uses. */
const roleLock = 4_277_009_103;

/**
 * Makes sure that the program's role exists, without any right of its own, and has this password. The owner's
 * connection is used for this alone, and closed.
 */
export async function ensureProgramRole(
  port: number,
  ownerPassword: string,
  { password, isNew }: { password: string; isNew: boolean },
): Promise<void> {
  const sql = postgres(serverUrl(port, ownerPassword, "postgres"), {
    max: 1,
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: "hakika embedded" },
  });
  try {
    await sql.begin(async tx => {
      await tx`select pg_advisory_xact_lock(${roleLock})`;
      const [known] = await tx`select 1 from pg_roles where rolname = ${programRole}`;
      if (known && !isNew) return;
      const verb = known ? "alter" : "create";
      // A password cannot be a parameter here; it is base64url, without quotes.
      const rights = "login nosuperuser nocreatedb nocreaterole noreplication nobypassrls";
      await tx.unsafe(`${verb} role ${programRole} ${rights} password '${password}'`);
    });
  } finally {
    await sql.end({ timeout: 5 });
  }
}
