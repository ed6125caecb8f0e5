import { createHash, randomFillSync } from "node:crypto";

/** What an id names; the prefix is part of the public contract. */
export const idPrefixes = {
  merchant: "mer_",
  apiKey: "key_",
  connection: "con_",
  endpoint: "end_",
  transaction: "txn_",
  callback: "cbk_",
  event: "evt_",
  delivery: "dlv_",
  session: "ses_",
  replay: "rpl_",
  audit: "aud_",
  operator: "opr_",
  approval: "apr_",
  statement: "stm_",
  lookup: "lkp_",
  alert: "alt_",
  alertChannel: "alc_",
} as const;
export type IdKind = keyof typeof idPrefixes;

/**
 * Logical shards. A merchant is given one at creation and everything of that merchant lives in it. The number can never
 * change: ids carry the shard (docs/adr/0002-shard-in-ids.md).
 */
export const shardCount = 64;

export const allShards: readonly number[] = Array.from({ length: shardCount }, (_, shard) => shard);

/** A clock set back by more, milliseconds, is followed: ids of a time that was never so would sort last for good. */
const followedBackMs = 10_000;

let lastMs = 0;
let counter = 0;

/** Random bytes are drawn by the 4 KiB: a call for 16 costs 5.5 µs, 16 out of this pool a tenth of one. */
const pool = Buffer.alloc(4096);
let poolAt = pool.length;

function sixteenRandomBytes(): Buffer {
  if (poolAt === pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  poolAt += 16;
  return pool.subarray(poolAt - 16, poolAt);
}

/**
 * A UUIDv7 (RFC 9562) in the hyphenated form PostgreSQL stores. `rand_a` is a counter, so ids made by one process in
 * one millisecond sort in the order they were made; the first six bits of `rand_b` are the shard, so an id alone says
 * where its row is. 56 random bits remain beside the 12 of the counter.
 */
export function newUuid(shard: number, nowMs: number = Date.now()): string {
  if (nowMs > lastMs || nowMs < lastMs - followedBackMs) {
    lastMs = nowMs;
    counter = sixteenRandomBytes()[0]! & 0x3f;
  } else if (counter < 0xfff) {
    counter += 1;
  } else {
    lastMs += 1;
    counter = 0;
  }
  const bytes = sixteenRandomBytes();
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  bytes[8] = 0x80 | (shard & 0x3f);
  return hyphenate(bytes.toString("hex"));
}

/** The shard an id's row lives in. */
export function shardOf(uuid: string): number {
  return Number.parseInt(uuid.slice(19, 21), 16) & 0x3f;
}

/** A UUID in the public form: a prefix and 32 hex digits. */
export function publicId(kind: IdKind, uuid: string): string {
  return idPrefixes[kind] + uuid.replaceAll("-", "");
}

const publicHex = "[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}";

/** What every public id of a kind looks like, as a regular expression. */
export function idPattern(kind: IdKind): string {
  return `^${idPrefixes[kind]}${publicHex}$`;
}

const isPublicHex = new RegExp(`^${publicHex}$`);

/** The UUID of a public id, or null where the text is not an id of that kind. */
export function parseId(kind: IdKind, text: string): string | null {
  const prefix = idPrefixes[kind];
  if (!text.startsWith(prefix)) return null;
  const hex = text.slice(prefix.length);
  if (!isPublicHex.test(hex)) return null;
  return hyphenate(hex);
}

/** The lowest UUIDv7 of a millisecond: the bound of a time range over ids. */
export function lowestUuid(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}

/** A UUID-shaped digest of any text: the same text gives the same id in every process. */
export function digestUuid(text: string): string {
  return hyphenate(createHash("sha256").update(text).digest("hex").slice(0, 32));
}

function hyphenate(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
