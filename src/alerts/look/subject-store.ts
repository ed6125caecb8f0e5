import type { Sql } from "../../database/connect.ts";
import { everyShard } from "../../database/every-shard.ts";
import type { AlertKind } from "../../domain/alerts.ts";
import { simulationMerchant } from "../../domain/simulation.ts";

export type AlertSubject = { shard: number; kind: AlertKind; subject: string };

/** The subjects of all open alerts. */
export async function openSubjects(sql: Sql): Promise<AlertSubject[]> {
  return await sql<AlertSubject[]>`
    select shard, kind, subject from alerts where shard = any(${everyShard(sql)}) and closed_at is null`;
}

/** The subjects that have a cause by now, for the kinds whose causes are few rows. It locks nothing. */
export async function subjectsWithCause(sql: Sql): Promise<AlertSubject[]> {
  return await sql<AlertSubject[]>`
    select f.shard, f.kind, f.id::text as subject
    from (
      select shard, merchant_id, 'endpoint_failing' as kind, id from endpoints
      where shard = any(${everyShard(sql)}) and deleted_at is null
        and case when enabled then failing_since is not null
          else coalesce(disabled_reason, 'disabled by the merchant') <> 'disabled by the merchant' end
      union all
      select c.shard, c.merchant_id,
        case p.pause_reason when 'credentials' then 'credentials_refused' else 'connection_paused' end, c.id
      from connection_pace p join connections c on c.shard = p.shard and c.id = p.connection_id
      where p.shard = any(${everyShard(sql)}) and c.deleted_at is null
        and (p.pause_reason = 'throttled' or p.paused_at >= c.updated_at)
        and (p.pause_reason = 'credentials' or p.paused_until > now() or p.errors >= 5)
      union all
      select c.shard, c.merchant_id, 'review', c.id from connections c
      where c.shard = any(${everyShard(sql)}) and c.deleted_at is null and exists (
        select 1 from transactions t
        where t.shard = c.shard and t.connection_id = c.id and t.review is not null and t.merged_into is null)
    ) f
    join merchants m on m.shard = f.shard and m.id = f.merchant_id and m.name <> ${simulationMerchant}`;
}
