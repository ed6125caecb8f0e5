import type { Connection } from "../../connections/connection.ts";
import type { Queryable } from "../../database/connect.ts";
import type { Vault } from "../../database/vault/vault.ts";
import { newUuid } from "../../domain/ids.ts";
import type { AnsweredHop, Hop, HopAnswer } from "./hop.ts";
import { openHop, sealHop, sealSubscriber, typedKey } from "./sealed-hop.ts";

/**
 * What a claim found. `claimed`: this process has to answer the hop. `answered`: the hop has an answer already.
 * `claimed elsewhere`: another process is answering it. `session ended`: the session is over.
 */
export type HopClaim =
  | { kind: "claimed" }
  | { kind: "answered"; answer: StoredAnswer }
  | { kind: "claimed elsewhere" }
  | { kind: "session ended" };

/** The answer of a hop as its row has it. */
export type StoredAnswer = Pick<HopAnswer, "text" | "by">;

type Owner = Pick<Connection, "shard" | "id" | "merchantId" | "provider">;

/**
 * Claims a hop, so that one of its copies is answered, in whichever process. A new session gets its row, and a
 * session's 180 s of silence begin again. A claim holds for 10 s: no gateway waits longer, so the process that made an
 * older one is gone.
 */
export async function claimHop(sql: Queryable, connection: Owner, hop: Hop): Promise<HopClaim> {
  const { shard } = connection;
  const { vault } = sql;
  const typed = typedKey(hop, vault);
  const subscriber = sealSubscriber({ connectionId: connection.id, sessionId: hop.sessionId }, hop.phone, vault);
  const [session] = await sql<{ id: string; state: string }[]>`
    insert into ussd_sessions as s (shard, id, merchant_id, connection_id, provider, session_id, sealed, phone_hash,
      service_code, network_code, started_at, last_hop_at)
    values (${shard}, ${newUuid(shard)}, ${connection.merchantId}, ${connection.id}, ${connection.provider},
      ${hop.sessionId}, decode(${subscriber.sealed}, 'base64'), decode(${subscriber.phone_hash}, 'hex'),
      ${hop.serviceCode}, ${hop.networkCode}, now(), now())
    on conflict (shard, connection_id, session_id) do update
      set last_hop_at = case when s.state = 'open' then excluded.last_hop_at else s.last_hop_at end
    returning id, state`;
  const { id, state } = session!;
  if (state === "open" && (await insertClaim(sql, shard, id, { typed, hop: hop.hop }))) return { kind: "claimed" };
  const [answered] = await sql<AnsweredRow[]>`
    select sealed, input, answer, answered_by as by from ussd_hops
    where shard = ${shard} and session = ${id} and typed = ${typed}::uuid and answered_by is not null`;
  if (answered) return { kind: "answered", answer: storedAnswer(connection, hop, answered, vault) };
  return { kind: state === "ended" ? "session ended" : "claimed elsewhere" };
}

async function insertClaim(
  sql: Queryable,
  shard: number,
  session: string,
  { typed, hop }: { typed: string; hop: number },
): Promise<boolean> {
  const claimed = await sql<{ hop: number }[]>`
    insert into ussd_hops as h (shard, session, typed, hop, claimed_at)
    values (${shard}, ${session}, ${typed}::uuid, ${hop}, now())
    on conflict (shard, session, typed) do update set claimed_at = excluded.claimed_at
      where h.answered_by is null and excluded.claimed_at - h.claimed_at > interval '10 seconds'
    returning hop`;
  return claimed.length > 0;
}

/** The answer of a hop that another process claimed; null until it is written. */
export async function findHopAnswer(sql: Queryable, connection: Owner, hop: Hop): Promise<StoredAnswer | null> {
  const [answered] = await sql<AnsweredRow[]>`
    select h.sealed, h.input, h.answer, h.answered_by as by
    from ussd_sessions s join ussd_hops h on h.shard = ${connection.shard} and h.session = s.id
      and h.typed = ${typedKey(hop, sql.vault)}::uuid
    where s.shard = ${connection.shard} and s.connection_id = ${connection.id} and s.session_id = ${hop.sessionId}
      and h.answered_by is not null`;
  return answered ? storedAnswer(connection, hop, answered, sql.vault) : null;
}

type AnsweredRow = {
  sealed: Uint8Array | null;
  input: string | null;
  answer: string | null;
  by: StoredAnswer["by"];
};

function storedAnswer({ id: connectionId }: Owner, { sessionId }: Hop, row: AnsweredRow, vault: Vault): StoredAnswer {
  return { text: openHop({ connectionId, sessionId }, row, vault).answer, by: row.by };
}

/**
 * Writes answers of one shard, also of hops that could not be claimed because the database was unavailable. A hop keeps
 * its first answer. Resolves to the sessions (by id) that an `END` among the answers ends. Sorted by connection and
 * session, so that two processes lock sessions in one order.
 */
export async function writeHopAnswers(tx: Queryable, shard: number, hops: readonly AnsweredHop[]): Promise<string[]> {
  const rows = hops.map(hop => rowOf(hop, tx.vault));
  const sessions = await tx<{ id: string; connection_id: string; session_id: string }[]>`
    insert into ussd_sessions as s (shard, id, merchant_id, connection_id, provider, session_id, sealed, phone_hash,
      service_code, network_code, started_at, last_hop_at)
    select distinct on (connection_id, session_id) ${shard}::smallint, id, merchant_id, connection_id, provider,
      session_id, decode(sealed, 'base64'), decode(phone_hash, 'hex'), service_code, network_code, at, now()
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as i (id uuid, merchant_id uuid, connection_id uuid,
      provider text, session_id text, sealed text, phone_hash text, service_code text, network_code text,
      at timestamptz)
    order by connection_id, session_id, at
    on conflict (shard, connection_id, session_id) do update set last_hop_at = s.last_hop_at
    returning id, connection_id, session_id`;
  const idOf = new Map(sessions.map(({ id, connection_id, session_id }) => [`${connection_id}|${session_id}`, id]));
  const answered = rows.map(row => ({ ...row, session: idOf.get(`${row.connection_id}|${row.session_id}`)! }));
  const written = await tx<{ session: string; typed: string }[]>`
    insert into ussd_hops as h (shard, session, typed, hop, claimed_at, sealed, answered_by, latency_ms, warning)
    select distinct on (session, typed) ${shard}::smallint, session, typed, hop, at, decode(texts, 'base64'),
      answered_by, latency_ms, warning
    from jsonb_to_recordset(${JSON.stringify(answered)}::text::jsonb) as i (session uuid, typed uuid, hop smallint,
      texts text, at timestamptz, answered_by text, latency_ms int, warning text)
    order by session, typed, at
    on conflict (shard, session, typed) do update
      set sealed = excluded.sealed, answered_by = excluded.answered_by, latency_ms = excluded.latency_ms,
        warning = excluded.warning
      where h.answered_by is null
    returning session, typed`;
  const isWritten = new Set(written.map(({ session, typed }) => `${session}|${typed.replaceAll("-", "")}`));
  const ending = answered.filter(({ session, typed, ends }) => ends && isWritten.has(`${session}|${typed}`));
  return [...new Set(ending.map(({ session }) => session))];
}

function rowOf({ connection, hop, answer, receivedAt, latencyMs }: AnsweredHop, vault: Vault) {
  const session = { connectionId: connection.id, sessionId: hop.sessionId };
  return {
    ...sealSubscriber(session, hop.phone, vault),
    id: newUuid(connection.shard),
    merchant_id: connection.merchantId,
    connection_id: connection.id,
    provider: connection.provider,
    session_id: hop.sessionId,
    service_code: hop.serviceCode,
    network_code: hop.networkCode,
    typed: typedKey(hop, vault),
    hop: hop.hop,
    texts: sealHop(session, { input: hop.input, answer: answer.text }, vault),
    at: receivedAt,
    ends: answer.text.startsWith("END "),
    answered_by: answer.by,
    latency_ms: Math.round(latencyMs),
    warning: answer.warning,
  };
}
