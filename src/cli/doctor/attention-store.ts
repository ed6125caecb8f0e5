import type { Sql } from "../../database/connect.ts";
import { everyShard } from "../../database/every-shard.ts";
import { simulationMerchant } from "../../domain/simulation.ts";

const rowsMax = 20;

export type UnhealthyEndpoint = { id: string; enabled: boolean; since: Date; reason: string | null };
export type PausedConnection = { id: string; until: Date; reason: string | null; detail: string | null };

/** The first endpoints that are disabled, or whose every attempt fails. */
export async function unhealthyEndpoints(sql: Sql): Promise<UnhealthyEndpoint[]> {
  return await sql<UnhealthyEndpoint[]>`
    select id, enabled, coalesce(disabled_at, failing_since, updated_at) as since, disabled_reason as reason
    from endpoints where deleted_at is null and (not enabled or failing_since is not null)
    order by since limit ${rowsMax}`;
}

/** The first connections whose polling is paused. */
export async function pausedConnections(sql: Sql): Promise<PausedConnection[]> {
  return await sql<PausedConnection[]>`
    select connection_id as id, paused_until as until, pause_reason as reason, pause_detail as detail
    from connection_pace where paused_until > now() order by until limit ${rowsMax}`;
}

export type UnfinishedPull = { id: string; reason: string };

/** The first connections whose last pull of statements did not end well. */
export async function unfinishedPulls(sql: Sql): Promise<UnfinishedPull[]> {
  return await sql<UnfinishedPull[]>`
    select p.connection_id as id, p.trouble as reason
    from pull_cursors p join connections c on c.shard = p.shard and c.id = p.connection_id
    where p.trouble is not null and c.deleted_at is null and c.settings->'reconcile'->>'pull' = 'true'
    order by p.connection_id limit ${rowsMax}`;
}

export async function countForReview(sql: Sql): Promise<{ reviews: number; quarantined: number }> {
  const [row] = await sql<{ reviews: bigint; quarantined: bigint }[]>`
    select
      (select count(*) from transactions
        where shard = any(${everyShard(sql)}) and review is not null and merged_into is null
          and merchant_id not in (select id from merchants where name = ${simulationMerchant})) as reviews,
      (select count(*) from callback_readings
        where shard = any(${everyShard(sql)}) and state = 'quarantined') as quarantined`;
  return { reviews: Number(row!.reviews), quarantined: Number(row!.quarantined) };
}
