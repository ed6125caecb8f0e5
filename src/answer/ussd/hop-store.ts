import type { Connection } from "../../connections/connection.ts";
import type { Queryable } from "../../database/connect.ts";
import { newUuid } from "../../domain/ids.ts";
import type { UssdAnsweredBy } from "../../domain/ussd-session.ts";
import type { AnsweredHop, Hop } from "./hop.ts";

/** A hop that nobody answered for so long is anybody's again: whoever held it is gone. No gateway waits longer than 10 s. */
const abandonedAfterS = 10;

/** What there is of a hop: nobody had it, and now it is the asker's; it was answered; another works on it; the session is over. */
export type HopClaim =
  | { kind: "mine" }
  | { kind: "answered"; shown: StoredScreen }
  | { kind: "others" }
  | { kind: "ended" };

/** What the subscriber was shown, and whose word it was. */
export type StoredScreen = { answer: string; answeredBy: UssdAnsweredBy };

/**
 * Takes a hop, so that of all its copies, in all processes, one is worked on. Opens the session where it is new, and counts its silence
 * from now. The session's row is locked for the length of the statement: two hops of one session go one after the other.
 */
export async function claimHop(sql: Queryable, connection: Owner, hop: Hop): Promise<HopClaim> {
  const { shard } = connection;
  const [row] = await sql<{ state: string; mine: boolean; session: string }[]>`
    with session as (
      insert into ussd_sessions as s (shard, id, merchant_id, connection_id, provider, session_id, phone, service_code,
        network_code, started_at, last_hop_at)
      values (${shard}, ${newUuid(shard)}, ${connection.merchantId}, ${connection.id}, ${connection.provider},
        ${hop.sessionId}, ${hop.phone}, ${hop.serviceCode}, ${hop.networkCode}, now(), now())
      on conflict (shard, connection_id, session_id) do update
        set last_hop_at = case s.state when 'open' then now() else s.last_hop_at end
      returning id, state
    ), taken as (
      insert into ussd_hops as h (shard, session, typed, hop, input, claimed_at)
      select ${shard}, id, ${hop.typed}::uuid, ${hop.hop}, ${hop.input}, now() from session where state = 'open'
      on conflict (shard, session, typed) do update set claimed_at = now()
        where h.answer is null and h.claimed_at < now() - make_interval(secs => ${abandonedAfterS})
      returning session
    )
    select session.state, session.id as session, exists (select from taken) as mine from session`;
  if (row!.mine) return { kind: "mine" };
  const [shown] = await sql<StoredScreen[]>`
    select answer, answered_by as "answeredBy" from ussd_hops
    where shard = ${shard} and session = ${row!.session} and typed = ${hop.typed} and answer is not null`;
  if (shown) return { kind: "answered", shown: { ...shown } };
  return row!.state === "ended" ? { kind: "ended" } : { kind: "others" };
}

type Owner = Pick<Connection, "shard" | "id" | "merchantId" | "provider">;

/** The answer of a hop that another works on, once there is one. */
export async function answerOf(sql: Queryable, connection: Owner, hop: Hop): Promise<StoredScreen | null> {
  const [shown] = await sql<StoredScreen[]>`
    select h.answer, h.answered_by as "answeredBy"
    from ussd_sessions s join ussd_hops h on h.shard = s.shard and h.session = s.id and h.typed = ${hop.typed}
    where s.shard = ${connection.shard} and s.connection_id = ${connection.id} and s.session_id = ${hop.sessionId}
      and h.answer is not null`;
  return shown ?? null;
}

/**
 * Keeps answers of one shard, also of hops that could not be claimed because the database was away. The first answer stands.
 * Answers the sessions (by id) that an `END` among them ends. Sorted, so that two processes lock sessions in one order.
 */
export async function keepHops(tx: Queryable, shard: number, hops: readonly AnsweredHop[]): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    with input as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(hops.map(rowOf))}::text::jsonb) as i (id uuid, merchant_id uuid,
        connection_id uuid, provider text, session_id text, phone text, service_code text, network_code text, typed uuid,
        hop smallint, input text, at timestamptz, answer text, answered_by text, latency_ms int, warning text)
    ), session as (
      insert into ussd_sessions as s (shard, id, merchant_id, connection_id, provider, session_id, phone, service_code,
        network_code, started_at, last_hop_at)
      select distinct on (connection_id, session_id) ${shard}::smallint, id, merchant_id, connection_id, provider, session_id,
        phone, service_code, network_code, at, now()
      from input order by connection_id, session_id, at
      on conflict (shard, connection_id, session_id) do update set last_hop_at = s.last_hop_at
      returning id, connection_id, session_id
    ), kept as (
      insert into ussd_hops as h (shard, session, typed, hop, input, claimed_at, answer, answered_by, latency_ms, warning)
      select distinct on (session.id, typed) ${shard}::smallint, session.id, typed, hop, input, at, answer, answered_by,
        latency_ms, warning
      from input join session using (connection_id, session_id) order by session.id, typed, at
      on conflict (shard, session, typed) do update
        set answer = excluded.answer, answered_by = excluded.answered_by, latency_ms = excluded.latency_ms,
          warning = excluded.warning
        where h.answer is null
      returning session, answer
    )
    select distinct session as id from kept where answer like 'END %'`;
  return rows.map(row => row.id);
}

function rowOf({ connection, hop, ...given }: AnsweredHop) {
  return {
    id: newUuid(connection.shard),
    merchant_id: connection.merchantId,
    connection_id: connection.id,
    provider: connection.provider,
    session_id: hop.sessionId,
    phone: hop.phone,
    service_code: hop.serviceCode,
    network_code: hop.networkCode,
    typed: hop.typed,
    hop: hop.hop,
    input: hop.input,
    at: given.at,
    answer: given.answer,
    answered_by: given.answeredBy,
    latency_ms: Math.round(given.latencyMs),
    warning: given.warning,
  };
}
