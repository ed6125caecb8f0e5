import type { Queryable } from "../../database/connect.ts";
import type { AlertCause } from "../../domain/alerts.ts";
import { simulationMerchant } from "../../domain/simulation.ts";
import type { SourceScope } from "./scope.ts";

type Row = { id: string; merchantId: string; environment: "production" | "sandbox" };

/** The connections with a transaction in review. */
export async function reviewCauses(tx: Queryable, { shard, subjects }: SourceScope): Promise<AlertCause[]> {
  const rows = await tx<Row[]>`
    select c.id, c.merchant_id as "merchantId", c.environment
    from connections c join merchants m on m.shard = ${shard} and m.id = c.merchant_id
    where c.shard = ${shard} and c.id = any(${subjects as string[]}::uuid[]) and c.deleted_at is null
      and m.name <> ${simulationMerchant}
      and exists (
        select 1 from transactions t
        where t.shard = ${shard} and t.connection_id = c.id and t.review is not null and t.merged_into is null)`;
  return rows.map(({ id, merchantId, environment }) => ({
    subject: id,
    merchantId,
    connectionId: id,
    endpointId: null,
    channel: null,
    environment,
    detail: "Transactions of this connection are in review: a person has to look at them.",
  }));
}
