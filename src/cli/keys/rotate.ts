import type { Sql } from "../../database/connect.ts";
import type { SecretBox } from "../../database/encryption.ts";
import { shardCount } from "../../domain/ids.ts";
import { type SealedColumn, sealedColumns } from "./sealed-columns.ts";
import { replaceSealed, type SealedRow, sealedAfter } from "./store.ts";

const batchMax = 500;

/** Values by the key they are sealed with. */
export type KeyUse = Record<string, number>;

type Visit = (column: SealedColumn, shard: number | null, rows: SealedRow[]) => Promise<void>;

/** Counts all sealed values by key id. */
export async function keysInUse(sql: Sql, box: Pick<SecretBox, "keyIdOf">): Promise<KeyUse> {
  const use: KeyUse = {};
  await visitAll(sql, async (_, _shard, rows) => {
    for (const { sealed } of rows) {
      const keyId = box.keyIdOf(sealed);
      use[keyId] = (use[keyId] ?? 0) + 1;
    }
  });
  return use;
}

/** Seals anew, with the box's writing key, whatever another key sealed. Safe beside running servers, and to repeat. */
export async function resealAll(
  sql: Sql,
  box: SecretBox,
  onProgress: (column: SealedColumn, resealed: number) => void,
): Promise<{ resealed: number; columns: Record<string, number> }> {
  const columns: Record<string, number> = Object.fromEntries(sealedColumns.map(each => [nameOf(each), 0]));
  await visitAll(sql, async (column, shard, rows) => {
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

async function visitAll(sql: Sql, visit: Visit): Promise<void> {
  const shards = Array.from({ length: shardCount }, (_, shard) => shard);
  for (const column of sealedColumns) {
    for (const shard of column.sharded ? shards : [null]) {
      for (let after: string[] | null = null; ; ) {
        const rows: SealedRow[] = await sealedAfter(sql, column, shard, after, batchMax);
        if (rows.length > 0) await visit(column, shard, rows);
        if (rows.length < batchMax) break;
        after = column.key.map(({ name }) => rows.at(-1)!.fields[name]!);
      }
    }
  }
}
