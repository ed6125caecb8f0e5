import type { Queryable } from "../../database/connect.ts";
import type { AlertCause } from "../../domain/alerts.ts";
import type { EndpointEnvironment } from "../../domain/events.ts";
import { simulationMerchant } from "../../domain/simulation.ts";
import type { SourceScope } from "./scope.ts";

/** What a merchant disabled is meant to be off. */
const byMerchant = "disabled by the merchant";

type Row = {
  id: string;
  merchantId: string;
  environment: EndpointEnvironment;
  enabled: boolean;
  reason: string | null;
};

/** The endpoints whose last attempts failed, and those that the program disabled for it. */
export async function endpointCauses(tx: Queryable, { shard, subjects }: SourceScope): Promise<AlertCause[]> {
  const rows = await tx<Row[]>`
    select e.id, e.merchant_id as "merchantId", e.environment, e.enabled, e.disabled_reason as reason
    from endpoints e join merchants m on m.shard = ${shard} and m.id = e.merchant_id and m.name <> ${simulationMerchant}
    where e.shard = ${shard} and e.id = any(${subjects as string[]}::uuid[]) and e.deleted_at is null
      and case when e.enabled then e.failing_since is not null
        else coalesce(e.disabled_reason, ${byMerchant}) <> ${byMerchant} end`;
  return rows.map(({ id, merchantId, environment, enabled, reason }) => ({
    subject: id,
    merchantId,
    connectionId: null,
    endpointId: id,
    channel: null,
    environment,
    detail: enabled
      ? "The last attempt failed, and no attempt has succeeded since. Its deliveries show the answers."
      : `It was disabled: ${reason}. Its events are kept: enable it, then recover them.`,
  }));
}
