import type { Connection } from "../../connections/connection.ts";
import type { Queryable } from "../../database/connect.ts";
import { newUuid } from "../../domain/ids.ts";
import type { Environment } from "../../domain/kinds.ts";
import type { UssdEndedBy, UssdSession } from "../../domain/ussd-session.ts";
import { sealSubscriber } from "./sealed-hop.ts";
import { type SessionRow, withHops } from "./sessions-store.ts";

/** A session that ended, with the environment of its connection. */
export type EndedSession = { session: UssdSession; environment: Environment };

/** Ends those of the sessions that are still open; resolves to them. Rows are locked in the order of their ids. */
export async function endOpenSessions(
  tx: Queryable,
  shard: number,
  ids: readonly string[],
  endedBy: UssdEndedBy,
): Promise<EndedSession[]> {
  const rows = await tx<(SessionRow & { environment: Environment })[]>`
    with ended as (
      update ussd_sessions set state = 'ended', ended_by = ${endedBy}, ended_at = now()
      where shard = ${shard} and id = any(${[...ids].sort()}::uuid[]) and state = 'open'
      returning *
    )
    select ended.*, c.environment from ended
    join connections c on c.shard = ${shard} and c.id = ended.connection_id`;
  const environments = new Map(rows.map(row => [row.id, row.environment]));
  const sessions = await withHops(tx, shard, [...rows]);
  return sessions.map(session => ({ session, environment: environments.get(session.id)! }));
}

/**
 * A gateway's report of a session's end. `gateway`: the fields that only the gateway knows, such as cost and duration.
 */
export type GatewayReport = {
  connection: Pick<Connection, "id" | "merchantId" | "provider">;
  sessionId: string;
  phone: string | null;
  serviceCode: string | null;
  networkCode: string | null;
  gateway: UssdSession["gateway"];
};

/**
 * Writes what gateways report to the sessions of one shard; resolves to the sessions' ids. A session without a row gets
 * one: its hops were answered while the database was unavailable, or never reached Hakika. Of two reports about one
 * session one is written.
 */
export async function writeGatewayReports(
  tx: Queryable,
  shard: number,
  reports: readonly GatewayReport[],
): Promise<string[]> {
  const input = reports.map(({ connection, sessionId, phone, serviceCode, networkCode, gateway }) => ({
    id: newUuid(shard),
    merchant_id: connection.merchantId,
    connection_id: connection.id,
    provider: connection.provider,
    session_id: sessionId,
    ...sealSubscriber({ connectionId: connection.id, sessionId }, phone, tx.vault),
    service_code: serviceCode,
    network_code: networkCode,
    gateway,
  }));
  const rows = await tx<{ id: string }[]>`
    insert into ussd_sessions as s (shard, id, merchant_id, connection_id, provider, session_id, sealed, phone_hash,
      service_code, network_code, gateway, started_at, last_hop_at)
    select distinct on (connection_id, session_id) ${shard}::smallint, id, merchant_id, connection_id, provider,
      session_id, decode(sealed, 'base64'), decode(phone_hash, 'hex'), service_code, network_code, gateway, now(), now()
    from jsonb_to_recordset(${JSON.stringify(input)}::text::jsonb) as i (id uuid, merchant_id uuid, connection_id uuid,
      provider text, session_id text, sealed text, phone_hash text, service_code text, network_code text, gateway jsonb)
    order by connection_id, session_id
    on conflict (shard, connection_id, session_id) do update set gateway = excluded.gateway
    returning id`;
  return rows.map(row => row.id);
}

/** The shards with open sessions whose last hop is older than `silentAfterS`. */
export async function shardsWithSilentSessions(sql: Queryable, silentAfterS: number): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`
    select distinct shard from ussd_sessions
    where state = 'open' and last_hop_at < now() - make_interval(secs => ${silentAfterS})`;
  return rows.map(row => row.shard);
}

/**
 * Locks at most `countMax` open sessions whose last hop is older than `silentAfterS`, oldest first. Skips rows that
 * another process has locked: that process ends them, or a hop has just arrived in them.
 */
export async function lockSilentSessions(
  tx: Queryable,
  shard: number,
  silentAfterS: number,
  countMax: number,
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select id from ussd_sessions
    where shard = ${shard} and state = 'open' and last_hop_at < now() - make_interval(secs => ${silentAfterS})
    order by last_hop_at limit ${countMax} for update skip locked`;
  return rows.map(row => row.id);
}
