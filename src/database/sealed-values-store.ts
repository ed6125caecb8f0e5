import type { Sql } from "./connect.ts";

/** Whether the database has values that a secret key sealed: the first start makes keys of the installation. */
export async function hasSealedValues(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    select exists (select from installation_keys) or exists (select from connections) as found`;
  return row!.found;
}
