import { LRUCache } from "lru-cache";
import type { KeyOwner } from "../caller.ts";

/** The owner of a key in the database, as a look-up found it. */
export type KnownKey = Exclude<KeyOwner, { kind: "admin" }>;

/**
 * Keys found within the last seconds, by their SHA-256 in hex. Unknown keys are not cached: guesses must not fill the
 * memory. A key is put here only when the database has just answered with it: an entry that its own use renewed would
 * live on after the key was deleted.
 */
export type KeyCache = {
  get(hash: string): KnownKey | undefined;
  set(hash: string, key: KnownKey): void;
  /** Drops all keys of a merchant, one of which was deleted. */
  forget(merchantId: string): void;
  /** Drops all operators' keys. */
  forgetOperators(): void;
  /** Drops everything, because notices may have been lost. */
  clear(): void;
};

const keysMax = 5_000;
/** A deleted key may still work here for so long without a notice; with the look-up before it, less than 5 s. */
const lifeMs = 3_000;

/** `now`: monotonic, in milliseconds. */
export function makeKeyCache(now: () => number = () => performance.now()): KeyCache {
  const cache = new LRUCache<string, KnownKey>({ max: keysMax, ttl: lifeMs, ttlResolution: 0, perf: { now } });
  const drop = (isStale: (key: KnownKey) => boolean) => {
    for (const [hash, key] of cache.entries()) if (isStale(key)) cache.delete(hash);
  };
  return {
    get: hash => cache.get(hash),
    set: (hash, key) => {
      cache.set(hash, key);
    },
    forget: merchantId => drop(key => key.kind === "merchant" && key.merchantId === merchantId),
    forgetOperators: () => drop(key => key.kind === "operator"),
    clear: () => cache.clear(),
  };
}
