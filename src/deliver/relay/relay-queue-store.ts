import type { Queryable, Sql } from "../../database/connect.ts";
import { everyShard } from "../../database/every-shard.ts";
import { newLeaseId } from "../../database/lease-ids.ts";
import type { RelayAttempt } from "../../database/schema/relays.ts";
import { type KeptRequest, openRequest, type StoredRequest } from "../../database/vault/callback-body.ts";

/** The shards with relays that are due. */
export async function shardsWithRelays(sql: Sql): Promise<number[]> {
  const rows = await sql<{ shard: number }[]>`
    select distinct shard from relays
    where shard = any(${everyShard(sql)}) and state = 'pending' and due_at <= now()`;
  return rows.map(({ shard }) => shard);
}

export type ClaimedRelay = {
  shard: number;
  id: string;
  callbackId: string;
  connectionId: string;
  attempts: number;
  leaseId: string;
};

/** An attempt takes 15 s at most; the lease of one that ended without its process runs out after this. */
const leaseS = 30;

/** Leases relays of a shard that have been due for longest, so many at most, but for those of `busy` connections. */
export async function claimRelays(
  sql: Sql,
  shard: number,
  count: number,
  busy: readonly string[],
): Promise<ClaimedRelay[]> {
  const leaseId = newLeaseId();
  const rows = await sql<Omit<ClaimedRelay, "leaseId">[]>`
    with due as materialized (
      select callback_id from relays where shard = ${shard} and state = 'pending' and due_at <= now()
        and connection_id <> all(${busy as string[]}::uuid[])
      order by due_at limit ${count} for update skip locked
    )
    update relays r set lease_id = ${leaseId}, due_at = now() + make_interval(secs => ${leaseS})
    from due where r.shard = ${shard} and r.callback_id = due.callback_id
    returning r.shard, r.id, r.callback_id as "callbackId", r.connection_id as "connectionId", r.attempts`;
  return rows.map(row => ({ ...row, leaseId }));
}

/** Records an attempt, unless the lease was lost. `retryMs` null: there is no other attempt. */
export async function recordRelay(
  sql: Sql,
  { shard, callbackId, leaseId }: Pick<ClaimedRelay, "shard" | "callbackId" | "leaseId">,
  attempt: RelayAttempt | null,
  { isDelivered, retryMs }: { isDelivered: boolean; retryMs: number | null },
): Promise<void> {
  const isOver = isDelivered || retryMs === null;
  const tries = attempt === null ? [] : [attempt];
  await sql`
    update relays set lease_id = null, attempts = attempts + ${tries.length}, tries = tries || ${sql.json(tries)},
      state = ${isDelivered ? "delivered" : isOver ? "failed" : "pending"},
      due_at = now() + make_interval(secs => ${(retryMs ?? 0) / 1_000}::float8),
      finished_at = ${isOver ? sql`now()` : null}
    where shard = ${shard} and callback_id = ${callbackId} and lease_id = ${leaseId} and state = 'pending'`;
}

/** Makes a relay due now; a finished one begins its schedule again. False where it is being sent. */
export async function retryRelay(tx: Queryable, shard: number, id: string): Promise<boolean> {
  const rows = await tx`
    update relays set due_at = now(), finished_at = null, state = 'pending',
      attempts = case when state = 'pending' then attempts else 0 end
    where shard = ${shard} and id = ${id} and lease_id is null
    returning id`;
  return rows.length > 0;
}

/** The request of a callback; null where its bytes were dropped or erased. */
export async function keptRequest(sql: Sql, shard: number, callbackId: string): Promise<KeptRequest | null> {
  const [row] = await sql<StoredRequest[]>`
    select id, method, query, headers, body, sealed from callback_bodies
    where shard = ${shard} and id = ${callbackId}`;
  return row ? openRequest(row, sql.vault) : null;
}
