import { readFileSync } from "node:fs";
import path from "node:path";
import { hasRows, isCluster, tablesOf } from "./cluster/cluster-store.ts";
import { localTables, undistributed } from "./cluster/distribute.ts";
import { appliedUntil, clientOfOneConnection, migrationsFolder } from "./migrate.ts";

/** What `hakika migrate` would do: to each migration of this version, and to each table that the schema then has. */
export type MigrationPlan = {
  migrations: { name: string; state: "applied" | "pending" }[];
  tables: { name: string; placement: Placement }[];
};

/** `has rows`: kept local until the distribution of rows is asked for. */
type Placement = "to be distributed" | "distributed" | "local" | "has rows";

type Entry = { tag: string; when: number };

/** Reads what would be done. Changes nothing. */
export async function migrationPlan(
  url: string,
  { folder = migrationsFolder, withRows }: { folder?: string; withRows: boolean },
): Promise<MigrationPlan> {
  const entries = journalOf(folder);
  const sql = clientOfOneConnection(url, "hakika migrate");
  try {
    const until = await appliedUntil(sql);
    const migrations = entries.map(({ tag, when }) => ({
      name: tag,
      state: until !== null && BigInt(when) <= until ? ("applied" as const) : ("pending" as const),
    }));
    const placed = await placements(sql, withRows);
    const tables = tablesInSchema(folder, entries).map(name => ({ name, placement: placed(name) }));
    return { migrations, tables };
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function placements(
  sql: Parameters<typeof isCluster>[0],
  withRows: boolean,
): Promise<(name: string) => Placement> {
  if (!(await isCluster(sql))) return () => "local";
  const stored = await tablesOf(sql);
  const missing = undistributed(stored);
  let isBlocked = false;
  for (const table of missing) isBlocked ||= !withRows && (await hasRows(sql, table));
  const distributed = new Set(stored.filter(table => table.isDistributed).map(({ name }) => name));
  return name => {
    if (localTables.includes(name)) return "local";
    if (distributed.has(name)) return "distributed";
    return isBlocked ? "has rows" : "to be distributed";
  };
}

/** The plan as lines for people: one for each migration and each table. */
export function planLines({ migrations, tables }: MigrationPlan): string[] {
  const words = {
    "to be distributed": "to be distributed by shard",
    distributed: "distributed by shard already",
    local: "kept local",
    "has rows": "kept local: tables have rows, and --distribute moves them",
  } as const satisfies Record<Placement, string>;
  return [
    ...migrations.map(({ name, state }) => `migration ${name}: ${state === "pending" ? "to be run" : "run already"}`),
    ...tables.map(({ name, placement }) => `table ${name}: ${words[placement]}`),
  ];
}

function journalOf(folder: string): Entry[] {
  return (JSON.parse(readFileSync(path.join(folder, "meta", "_journal.json"), "utf8")) as { entries: Entry[] }).entries;
}

/** The tables after the newest migration, as its snapshot lists them. */
function tablesInSchema(folder: string, entries: Entry[]): string[] {
  const newest = entries.at(-1)!.tag.split("_")[0];
  const snapshot = readFileSync(path.join(folder, "meta", `${newest}_snapshot.json`), "utf8");
  const { tables } = JSON.parse(snapshot) as { tables: Record<string, { name: string }> };
  return Object.values(tables)
    .map(({ name }) => name)
    .sort();
}
