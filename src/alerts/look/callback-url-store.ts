import type { Sql } from "../../database/connect.ts";
import { everyShard } from "../../database/every-shard.ts";
import { simulationMerchant } from "../../domain/simulation.ts";

/** The connections that take real money. */
export async function productionConnections(sql: Sql) {
  return await sql<{ shard: number; id: string; merchantId: string }[]>`
    select c.shard, c.id, c.merchant_id as "merchantId"
    from connections c join merchants m on m.shard = c.shard and m.id = c.merchant_id
    where c.shard = any(${everyShard(sql)}) and c.environment = 'production' and c.deleted_at is null
      and m.name <> ${simulationMerchant}`;
}

/** The shards with an open alert of this kind. */
export async function shardsWithOpen(sql: Sql, kind: string): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`
    select distinct shard from alerts where shard = any(${everyShard(sql)}) and kind = ${kind} and closed_at is null`;
  return rows.map(({ shard }) => shard);
}
