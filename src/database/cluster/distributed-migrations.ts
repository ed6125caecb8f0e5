import type { MigrationMeta } from "drizzle-orm/migrator";
import { distribution } from "./cluster-store.ts";

const createTable = /^\s*create table (?:if not exists )?(?:"?public"?\.)?"?(\w+)"?\s*\(([\s\S]*)\)/i;

/**
 * Migrations for a database whose tables are distributed: a new table with a shard is distributed as soon as it is
 * made, before a later statement refers from it to another (a cluster takes no foreign key from a local table).
 */
export function distributedMigrations(migrations: readonly MigrationMeta[]): MigrationMeta[] {
  return migrations.map(migration => ({ ...migration, sql: migration.sql.flatMap(withDistribution) }));
}

function withDistribution(statement: string): string[] {
  const [, table, columns] = createTable.exec(statement) ?? [];
  return table !== undefined && /^\s*"?shard"?\s/m.test(columns!) ? [statement, distribution(table)] : [statement];
}
