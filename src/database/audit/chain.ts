import { createHmac } from "node:crypto";
import { canonicalJson } from "../../domain/json.ts";

/** An entry as the chain covers it. Ids are UUIDs, `at` is RFC 3339 with milliseconds. */
export type ChainedEntry = {
  shard: number;
  sequence: number;
  id: string;
  previousId: string | null;
  merchantId: string | null;
  actor: string;
  actorKind: string;
  actorName: string | null;
  actorAddress: string | null;
  action: string;
  subject: string;
  before: unknown;
  after: unknown;
  at: string;
};

/** The end of one shard's chain. */
export type ChainHead = { shard: number; sequence: number; lastId: string | null; hash: Buffer };

/** The hash before the first entry of a shard. */
export const firstHash = Buffer.alloc(32);

/**
 * The keyed hash of an entry and of all before it in its shard. Without the key, which is sealed, no entry can be made
 * to fit.
 */
export function entryHash(key: Buffer, previous: Buffer, entry: ChainedEntry): Buffer {
  // No entry of the program nests deeper than canonical JSON goes.
  const text = canonicalJson(entry) ?? "";
  return createHmac("sha256", key).update("entry\n").update(previous).update(text).digest();
}

/** The keyed hash of a head: entries cut off at the end leave a head that does not fit. */
export function headMac(key: Buffer, { shard, sequence, lastId, hash }: ChainHead): Buffer {
  return createHmac("sha256", key).update(`head\n${shard}\n${sequence}\n${lastId}\n`).update(hash).digest();
}
