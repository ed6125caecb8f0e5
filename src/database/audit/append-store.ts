import { type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { newUuid } from "../../domain/ids.ts";
import type { Queryable } from "../connect.ts";
import { type ChainedEntry, entryHash, firstHash, headMac } from "./chain.ts";

/** Runs a statement in a database transaction, and returns its rows. */
export type RunStatement = (statement: SQL) => Promise<Record<string, unknown>[]>;

/** What is recorded. Names, numbers and settings, never a secret. */
export type NewAuditEntry = Pick<
  ChainedEntry,
  | "shard"
  | "merchantId"
  | "actor"
  | "actorKind"
  | "actorName"
  | "actorAddress"
  | "action"
  | "subject"
  | "before"
  | "after"
>;

const dialect = new PgDialect();

/** For database transactions of the client for hand-written statements. */
export function onQueryable(tx: Queryable): RunStatement {
  return async statement => {
    const { sql: text, params } = dialect.sqlToQuery(statement);
    return await tx.unsafe(text, params as never[]);
  };
}

/**
 * Appends an entry to its shard's chain, in the database transaction of the change that it records. Until that ends,
 * other entries of the shard wait: a chain has one order. Values travel as text, which both clients send alike.
 */
export async function appendAudit(run: RunStatement, key: Buffer, entry: NewAuditEntry): Promise<void> {
  const { shard } = entry;
  const head = (await lockHead(run, shard)) ?? (await makeHead(run, key, shard));
  const chained: ChainedEntry = {
    ...entry,
    before: plain(entry.before),
    after: plain(entry.after),
    sequence: head.sequence + 1,
    id: newUuid(shard),
    previousId: head.lastId,
    at: head.at,
  };
  const hash = entryHash(key, head.hash, chained);
  const mac = headMac(key, { shard, sequence: chained.sequence, lastId: chained.id, hash });
  await run(sql`
    insert into audit (shard, id, merchant_id, actor, actor_kind, actor_name, actor_address, action, subject, before,
      after, created_at, sequence, previous_id, hash)
    values (${shard}::int, ${chained.id}::text::uuid, ${chained.merchantId}::text::uuid, ${chained.actor}::text,
      ${chained.actorKind}::text, ${chained.actorName}::text, ${chained.actorAddress}::text, ${chained.action}::text,
      ${chained.subject}::text, ${jsonText(chained.before)}::text::jsonb, ${jsonText(chained.after)}::text::jsonb,
      ${chained.at}::text::timestamptz, ${String(chained.sequence)}::text::bigint,
      ${chained.previousId}::text::uuid, decode(${hash.toString("hex")}::text, 'hex'))`);
  await run(sql`
    update audit_heads set sequence = ${String(chained.sequence)}::text::bigint, last_id = ${chained.id}::text::uuid,
      hash = decode(${hash.toString("hex")}::text, 'hex'), mac = decode(${mac.toString("hex")}::text, 'hex')
    where shard = ${shard}::int`);
}

type LockedHead = { sequence: number; lastId: string | null; hash: Buffer; at: string };

// The clock is read once the lock is held, so that times follow the order of the chain.
async function lockHead(run: RunStatement, shard: number): Promise<LockedHead | null> {
  const [row] = await run(sql`
    select sequence::text, last_id::text as last_id, encode(hash, 'hex') as hash,
      to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
    from (select * from audit_heads where shard = ${shard}::int for update) head`);
  if (row === undefined) return null;
  return {
    sequence: Number(row.sequence),
    lastId: row.last_id as string | null,
    hash: Buffer.from(row.hash as string, "hex"),
    at: row.at as string,
  };
}

async function makeHead(run: RunStatement, key: Buffer, shard: number): Promise<LockedHead> {
  await insertHeads(run, key, [shard]);
  return (await lockHead(run, shard))!;
}

/** Begins the chains of these shards that have none. */
export async function insertHeads(run: RunStatement, key: Buffer, shards: readonly number[]): Promise<void> {
  const hash = firstHash.toString("hex");
  const heads = shards.map(shard => {
    const mac = headMac(key, { shard, sequence: 0, lastId: null, hash: firstHash }).toString("hex");
    return sql`(${shard}::int, 0::bigint, decode(${hash}::text, 'hex'), decode(${mac}::text, 'hex'))`;
  });
  const values = sql.join(heads, sql`, `);
  await run(sql`insert into audit_heads (shard, sequence, hash, mac) values ${values} on conflict do nothing`);
}

function jsonText(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** A value as JSON returns it: without `undefined`, dates as text. */
function plain(value: unknown): unknown {
  return value === null || value === undefined ? null : JSON.parse(JSON.stringify(value));
}
