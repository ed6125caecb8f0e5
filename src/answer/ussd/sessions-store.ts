import type { Queryable } from "../../database/connect.ts";
import type { UssdHop, UssdSession } from "../../domain/ussd-session.ts";
import { openHop, openSubscriber } from "./sealed-hop.ts";

/** A row of `ussd_sessions`. */
export type SessionRow = {
  shard: number;
  id: string;
  merchant_id: string;
  connection_id: string;
  provider: string;
  session_id: string;
  sealed: Uint8Array | null;
  phone: string | null;
  service_code: string | null;
  network_code: string | null;
  state: UssdSession["state"];
  ended_by: UssdSession["endedBy"];
  gateway: UssdSession["gateway"];
  started_at: Date;
  ended_at: Date | null;
};

/** A session of a merchant (null: of any) with its hops. */
export async function findSession(
  sql: Queryable,
  { shard, id, merchantId }: { shard: number; id: string; merchantId: string | null },
): Promise<UssdSession | null> {
  const rows = await sql<SessionRow[]>`
    select * from ussd_sessions
    where shard = ${shard} and id = ${id} and (${merchantId}::uuid is null or merchant_id = ${merchantId})`;
  return (await withHops(sql, shard, rows))[0] ?? null;
}

/** At most `count` sessions of a shard, newest first by id, all with ids below `before` (null: the newest). */
export async function listSessions(
  sql: Queryable,
  range: {
    shard: number;
    merchantId: string | null;
    connectionId: string | null;
    before: string | null;
    count: number;
  },
): Promise<UssdSession[]> {
  const { shard, merchantId, connectionId, before, count } = range;
  const rows = await sql<SessionRow[]>`
    select * from ussd_sessions
    where shard = ${shard}
      ${merchantId === null ? sql`` : sql`and merchant_id = ${merchantId}`}
      ${connectionId === null ? sql`` : sql`and connection_id = ${connectionId}`}
      ${before === null ? sql`` : sql`and id < ${before}`}
    order by id desc limit ${count}`;
  return await withHops(sql, shard, rows);
}

/** The sessions of rows, each with its answered hops in order. */
export async function withHops(sql: Queryable, shard: number, rows: SessionRow[]): Promise<UssdSession[]> {
  if (rows.length === 0) return [];
  const hops = await sql<HopRow[]>`
    select session, hop, claimed_at as at, sealed, input, answer, answered_by as "answeredBy",
      latency_ms as "latencyMs",
      warning
    from ussd_hops where shard = ${shard} and session = any(${rows.map(row => row.id)}::uuid[])
      and answered_by is not null
    order by session, hop, claimed_at`;
  const bySession = new Map<string, HopRow[]>(rows.map(row => [row.id, []]));
  for (const hop of hops) bySession.get(hop.session)?.push(hop);
  return rows.map(row => ({
    shard,
    id: row.id,
    merchantId: row.merchant_id,
    connectionId: row.connection_id,
    provider: row.provider,
    sessionId: row.session_id,
    phone: openSubscriber(nameOf(row), row, sql.vault),
    serviceCode: row.service_code,
    networkCode: row.network_code,
    state: row.state,
    endedBy: row.ended_by,
    gateway: row.gateway,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    hops: (bySession.get(row.id) ?? []).map(({ session: _, sealed, input, answer, ...hop }) => ({
      ...hop,
      ...openHop(nameOf(row), { sealed, input, answer }, sql.vault),
    })),
  }));
}

type HopRow = Omit<UssdHop, "input" | "answer"> & {
  session: string;
  sealed: Uint8Array | null;
  input: string | null;
  answer: string | null;
};

function nameOf({ connection_id, session_id }: SessionRow) {
  return { connectionId: connection_id, sessionId: session_id };
}
