import type { Queryable } from "../../database/connect.ts";
import type { AlertCause } from "../../domain/alerts.ts";
import { simulationMerchant } from "../../domain/simulation.ts";
import type { SourceScope } from "./scope.ts";

type Row = {
  id: string;
  merchantId: string;
  environment: "production" | "sandbox";
  reason: string;
  detail: string | null;
};

/** Errors in a row after which calls stop (`errorsMax` of reconcile/calls/call-limits.ts). */
const breakerErrors = 5;

/** The connections whose calls are paused: for errors or on the provider's wish, or for refused credentials. */
export async function paceCauses(
  tx: Queryable,
  kind: "connection_paused" | "credentials_refused",
  { shard, subjects }: SourceScope,
  now: Date,
): Promise<AlertCause[]> {
  const rows = await tx<Row[]>`
    select c.id, c.merchant_id as "merchantId", c.environment, p.pause_reason as reason, p.pause_detail as detail
    from connection_pace p
    join connections c on c.shard = ${shard} and c.id = p.connection_id and c.deleted_at is null
    join merchants m on m.shard = ${shard} and m.id = c.merchant_id and m.name <> ${simulationMerchant}
    where p.shard = ${shard} and p.connection_id = any(${subjects as string[]}::uuid[])
      -- A change of the connection ends pauses for errors and credentials.
      and (p.pause_reason = 'throttled' or p.paused_at >= c.updated_at)
      and case ${kind}::text when 'credentials_refused' then p.pause_reason = 'credentials'
        else p.pause_reason in ('throttled', 'errors')
          and (p.paused_until > ${now} or p.errors >= ${breakerErrors}) end`;
  return rows.map(({ id, merchantId, environment, reason, detail }) => ({
    subject: id,
    merchantId,
    connectionId: id,
    endpointId: null,
    channel: null,
    environment,
    detail: detailOf(reason, detail),
  }));
}

function detailOf(reason: string, detail: string | null): string {
  if (reason === "credentials") return `The provider refused the credentials: ${detail ?? "it gave no reason"}.`;
  return reason === "throttled"
    ? "The provider asks for fewer calls. Calls go on by themselves."
    : "Calls to the provider failed five times in a row. One call at a time finds out when it answers again.";
}
