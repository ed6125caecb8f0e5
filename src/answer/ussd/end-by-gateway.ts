import type { Connection } from "../../connections/connection.ts";
import type { Queryable } from "../../database/connect.ts";
import type { Event } from "../../domain/events.ts";
import { newUuid } from "../../domain/ids.ts";
import { endSessions } from "./end-sessions.ts";

/** What a gateway's end event says: a message of type `ussd.session_ended`, as the provider's folder reads it. */
export type GatewayEnd = { connection: Pick<Connection, "shard" | "id" | "merchantId" | "provider">; payload: unknown };

type Payload = {
  session_id: string;
  phone: string | null;
  service_code: string | null;
  network_code: string | null;
} & Record<string, string | number | null>;

/**
 * Ends the sessions that their gateways say are over, inside the caller's database transaction; answers the events of those that
 * were still open. A session nobody heard of before is told too: its screens were answered while the database was away, or never
 * reached us. What the gateway says of a session (cost, duration) is kept in any case. All of one shard.
 */
export async function endByGateway(tx: Queryable, shard: number, ends: readonly GatewayEnd[]): Promise<Event[]> {
  if (ends.length === 0) return [];
  const rows = ends.map(({ connection, payload }) => {
    const { session_id, phone, service_code, network_code, ...gateway } = payload as Payload;
    const { id, merchantId, provider } = connection;
    const named = { session_id, phone, service_code, network_code, gateway };
    return { id: newUuid(shard), merchant_id: merchantId, connection_id: id, provider, ...named };
  });
  const known = await tx<{ id: string }[]>`
    insert into ussd_sessions as s (shard, id, merchant_id, connection_id, provider, session_id, phone, service_code,
      network_code, gateway, started_at, last_hop_at)
    select distinct on (connection_id, session_id) ${shard}::smallint, id, merchant_id, connection_id, provider, session_id,
      phone, service_code, network_code, gateway, now(), now()
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as i (id uuid, merchant_id uuid, connection_id uuid,
      provider text, session_id text, phone text, service_code text, network_code text, gateway jsonb)
    order by connection_id, session_id
    on conflict (shard, connection_id, session_id) do update set gateway = excluded.gateway
    returning id`;
  return endSessions(
    tx,
    shard,
    known.map(row => row.id),
    "gateway",
  );
}
