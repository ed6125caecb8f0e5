import { LRUCache } from "lru-cache";

/** A merchant's key that was found. */
export type KnownKey = { keyId: string; merchantId: string; shard: number };

/** Keys found a moment ago, by their SHA-256 in hex. Only what exists is kept: guesses cost the guesser, not the memory. */
export type KeyCache = {
  get(hash: string): KnownKey | undefined;
  set(hash: string, key: KnownKey): void;
  /** Drops all keys of a merchant: one of them was deleted. */
  forget(merchantId: string): void;
};

const keysMax = 5_000;
/** How long a key deleted by another process may still work here. */
const lifeMs = 5_000;

export function makeKeyCache(): KeyCache {
  const cache = new LRUCache<string, KnownKey>({ max: keysMax, ttl: lifeMs });
  return {
    get: hash => cache.get(hash),
    set: (hash, key) => {
      cache.set(hash, key);
    },
    forget(merchantId) {
      for (const [hash, key] of cache.entries()) {
        if (key.merchantId === merchantId) cache.delete(hash);
      }
    },
  };
}
