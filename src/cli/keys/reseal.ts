import type { Sql } from "../../database/connect.ts";
import type { SecretBox } from "../../database/encryption.ts";
import { allShards } from "../../domain/ids.ts";
import { type SealedColumn, sealedColumns } from "./sealed-columns.ts";
import { replaceSealed, type SealedRow, sealedAfter } from "./store.ts";

const batchMax = 500;

/** Numbers of values, by key id or by column. */
export type ValueCounts = Record<string, number>;

type VisitRows = (column: SealedColumn, shard: number | null, rows: SealedRow[]) => Promise<void>;

/** All sealed values by key id, and by column those that do not open although their key is known. */
export type SealedCounts = { byKey: ValueCounts; unopened: ValueCounts };

/** Counts all sealed values, and tries to open each whose key is known: another key may have the same id. */
export async function countSealed(sql: Sql, box: SecretBox, known: ReadonlySet<string>): Promise<SealedCounts> {
  const [byKey, unopened]: [ValueCounts, ValueCounts] = [{}, {}];
  const count = (counts: ValueCounts, name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  await forAllRows(sql, async (column, _shard, rows) => {
    for (const { sealed, fields } of rows) {
      const keyId = keyIdIn(box, sealed);
      if (keyId !== null) count(byKey, keyId);
      const isUnopened = keyId === null || (known.has(keyId) && !opens(box, sealed, column.context(fields)));
      if (isUnopened) count(unopened, nameOf(column));
    }
  });
  return { byKey, unopened };
}

function keyIdIn(box: SecretBox, sealed: string): string | null {
  try {
    return box.keyIdOf(sealed);
  } catch {
    return null;
  }
}

function opens(box: SecretBox, sealed: string, context: string): boolean {
  try {
    box.open(sealed, context);
    return true;
  } catch {
    return false;
  }
}

/**
 * Seals every value of another key again, with the box's writing key. Safe beside running servers, and safe to repeat.
 */
export async function resealAll(
  sql: Sql,
  box: SecretBox,
  onProgress: (column: SealedColumn, resealed: number) => void,
): Promise<{ resealed: number; columns: Record<string, number> }> {
  const columns: Record<string, number> = Object.fromEntries(sealedColumns.map(each => [nameOf(each), 0]));
  await forAllRows(sql, async (column, shard, rows) => {
    const old = rows.filter(({ sealed }) => box.keyIdOf(sealed) !== box.writesWith);
    if (old.length === 0) return;
    const fresh = old.map(row => {
      const context = column.context(row.fields);
      return { ...row, fresh: box.seal(box.open(row.sealed, context), context) };
    });
    const count = await replaceSealed(sql, column, shard, fresh);
    columns[nameOf(column)]! += count;
    onProgress(column, columns[nameOf(column)]!);
  });
  return { resealed: Object.values(columns).reduce((sum, count) => sum + count, 0), columns };
}

export function nameOf({ table, column }: SealedColumn): string {
  return `${table}.${column}`;
}

async function forAllRows(sql: Sql, visit: VisitRows): Promise<void> {
  for (const column of sealedColumns) {
    for (const shard of column.sharded ? allShards : [null]) {
      for (let after: string[] | null = null; ; ) {
        const rows: SealedRow[] = await sealedAfter(sql, column, shard, after, batchMax);
        if (rows.length > 0) await visit(column, shard, rows);
        if (rows.length < batchMax) break;
        after = column.key.map(({ name }) => rows.at(-1)!.fields[name]!);
      }
    }
  }
}
