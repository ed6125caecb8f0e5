import { syncAlerts } from "../../alerts/open/sync-alerts.ts";
import { appendAudit, onQueryable } from "../../database/audit/append-store.ts";
import type { Queryable, Sql } from "../../database/connect.ts";
import { type EndpointEnvironment, eventBody, ownEnvironment } from "../../domain/events.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import { fanOut } from "../../outbox/fan-out.ts";

/** Why the program disables an endpoint, with the text for the merchant. The keys are label values of a metric. */
const disableReasons = {
  gone: "the endpoint answered 410 Gone",
  hopeless: "five days of nothing but failures",
} as const satisfies Record<string, string>;
export type DisableReason = keyof typeof disableReasons;

/**
 * Disables an endpoint. The audit entry and the `endpoint.disabled` event to the merchant's other endpoints commit with
 * it. Returns the endpoints to wake; null where the endpoint was disabled or deleted already.
 */
export async function disableEndpoint(
  { sql, auditKey }: { sql: Sql; auditKey: Buffer },
  shard: number,
  endpointId: string,
  reason: DisableReason,
): Promise<string[] | null> {
  return (await sql.begin(async tx => {
    const endpoint = await markDisabled(tx, shard, endpointId, disableReasons[reason]);
    if (endpoint === null) return null;
    const { merchantId, url, environment, failingSince, disabledAt } = endpoint;
    const subject = publicId("endpoint", endpointId);
    await appendAudit(onQueryable(tx), auditKey, {
      ...{ shard, merchantId, subject, actor: "hakika", actorKind: "hakika", actorName: null, actorAddress: null },
      action: "endpoint.disabled",
      before: { enabled: true },
      after: { enabled: false, reason: disableReasons[reason] },
    });
    const type = "endpoint.disabled";
    const id = newUuid(shard);
    const body = eventBody(id, type, disabledAt, {
      environment: ownEnvironment(environment),
      endpoint_id: subject,
      url,
      reason: disableReasons[reason],
      failing_since: failingSince?.toISOString() ?? null,
      disabled_at: disabledAt.toISOString(),
    });
    const event = { shard, id, merchantId, type, transactionId: null, sequence: null, environment: null, body };
    const told = await fanOut(tx, shard, [event], { except: endpointId });
    const alerted = await syncAlerts(tx, shard, "endpoint_failing", [endpointId], disabledAt);
    return [...new Set([...told, ...alerted])];
  })) as string[] | null;
}

type DisabledEndpoint = {
  merchantId: string;
  url: string;
  environment: EndpointEnvironment;
  failingSince: Date | null;
  disabledAt: Date;
};

async function markDisabled(
  tx: Queryable,
  shard: number,
  endpointId: string,
  reason: string,
): Promise<DisabledEndpoint | null> {
  const [row] = await tx<DisabledEndpoint[]>`
    update endpoints set enabled = false, disabled_reason = ${reason}, disabled_at = now(), updated_at = now()
    where shard = ${shard} and id = ${endpointId} and enabled and deleted_at is null
    returning merchant_id as "merchantId", url, environment, failing_since as "failingSince",
      disabled_at as "disabledAt"`;
  return row ?? null;
}
