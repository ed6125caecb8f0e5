import { randomUUID } from "node:crypto";
import type { Sql } from "../database/connect.ts";
import { newLeaseId } from "../database/lease-ids.ts";
import { newUuid } from "../domain/ids.ts";

/** The `Idempotency-Key` of a merchant, and the SHA-256 of what it was sent with. */
export type StartKey = { shard: number; merchantId: string; key: string; fingerprint: Buffer };

/** A start that this call may carry out. */
export type ClaimedStart = { shard: number; startId: string; leaseId: string; orderId: string };

export type KeyClaim =
  | { kind: "claimed"; start: ClaimedStart }
  /** It waits for a second person; `claimWaiting` claims it once that person approves. */
  | { kind: "waiting"; startId: string }
  /** It was registered: what became of it is in the transaction. */
  | { kind: "begun"; transactionId: string }
  /** Another call with the key is about to register it. */
  | { kind: "running"; waitS: number }
  /** The key was used for something else. */
  | { kind: "other-order" };

/** Between claiming a key and registering there are only statements; a call that dies leaves the key after this. */
const leaseS = 15;
const triesMax = 3;

/**
 * Claims a key, once for good: the first call with it carries the order out. A key whose call died before it registered
 * anything is claimed again.
 */
export async function claimKey(sql: Sql, name: StartKey): Promise<KeyClaim> {
  const { shard, merchantId, key, fingerprint } = name;
  for (let tries = 0; tries < triesMax; tries += 1) {
    const start = { shard, startId: newUuid(shard), leaseId: newLeaseId(), orderId: randomUUID() };
    const [inserted] = await sql`
      insert into starts (shard, id, merchant_id, key, fingerprint, order_id, state, lease_id, due_at)
      values (${shard}, ${start.startId}, ${merchantId}, ${key}, ${fingerprint}, ${start.orderId}, 'claimed',
        ${start.leaseId}, now() + make_interval(secs => ${leaseS}))
      on conflict (shard, merchant_id, key) do nothing returning id`;
    if (inserted !== undefined) return { kind: "claimed", start };
    const known = await findKey(sql, name);
    // It was released meanwhile.
    if (known === null) continue;
    if (!known.isSame) return { kind: "other-order" };
    if (known.transactionId !== null) return { kind: "begun", transactionId: known.transactionId };
    if (known.state === "waiting") return { kind: "waiting", startId: known.id };
    if (known.waitS > 0) return { kind: "running", waitS: known.waitS };
    const claimed = await takeOver(sql, shard, known.id, "claimed");
    if (claimed !== null) return { kind: "claimed", start: claimed };
  }
  return { kind: "running", waitS: 1 };
}

/** Claims a start that waited for a second person; null where it is carried out already, or by another call. */
export async function claimWaiting(sql: Sql, shard: number, startId: string): Promise<ClaimedStart | null> {
  return (await takeOver(sql, shard, startId, "waiting")) ?? (await takeOver(sql, shard, startId, "claimed"));
}

/** Whether a start was registered. False also where its key was given back. */
export async function isBegun(sql: Sql, shard: number, startId: string): Promise<boolean> {
  const [row] = await sql`
    select 1 from starts where shard = ${shard} and id = ${startId} and transaction_id is not null`;
  return row !== undefined;
}

/** Keeps a claimed start until a second person approves it. */
export async function leaveWaiting(sql: Sql, { shard, startId, leaseId }: ClaimedStart): Promise<void> {
  await sql`
    update starts set state = 'waiting', lease_id = null, due_at = null
    where shard = ${shard} and id = ${startId} and lease_id = ${leaseId} and state = 'claimed'`;
}

/** Gives a key back under which nothing was registered: it may be used again. */
export async function releaseKey(sql: Sql, { shard, startId, leaseId }: ClaimedStart): Promise<void> {
  await sql`
    delete from starts where shard = ${shard} and id = ${startId} and lease_id = ${leaseId} and state = 'claimed'`;
}

type KnownKey = { id: string; state: string; transactionId: string | null; isSame: boolean; waitS: number };

async function findKey(sql: Sql, { shard, merchantId, key, fingerprint }: StartKey): Promise<KnownKey | null> {
  const [row] = await sql<KnownKey[]>`
    select id, state, transaction_id as "transactionId", fingerprint = ${fingerprint} as "isSame",
      ceil(coalesce(extract(epoch from due_at - now()), 0))::int as "waitS"
    from starts where shard = ${shard} and merchant_id = ${merchantId} and key = ${key}`;
  return row ?? null;
}

async function takeOver(
  sql: Sql,
  shard: number,
  startId: string,
  state: "waiting" | "claimed",
): Promise<ClaimedStart | null> {
  const leaseId = newLeaseId();
  const [row] = await sql<{ orderId: string }[]>`
    update starts set state = 'claimed', lease_id = ${leaseId}, due_at = now() + make_interval(secs => ${leaseS})
    where shard = ${shard} and id = ${startId} and state = ${state} and (due_at is null or due_at <= now())
    returning order_id as "orderId"`;
  return row === undefined ? null : { shard, startId, leaseId, orderId: row.orderId };
}
