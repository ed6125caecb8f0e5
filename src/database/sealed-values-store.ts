import type { Sql } from "./connect.ts";

/** Whether the database has values that a secret key sealed: the first start makes keys of the installation. */
export async function hasSealedValues(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    select exists (select 1 from installation_keys) or exists (select 1 from connections) as found`;
  return row!.found;
}
