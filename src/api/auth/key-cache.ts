import { LRUCache } from "lru-cache";

/** A merchant's API key, as a look-up found it. */
export type KnownKey = { keyId: string; keyName: string; merchantId: string; shard: number };

/**
 * API keys found within the last seconds, by their SHA-256 in hex. Unknown keys are not cached: guesses must not fill
 * the memory.
 */
export type KeyCache = {
  get(hash: string): KnownKey | undefined;
  set(hash: string, key: KnownKey): void;
  /** Drops all keys of a merchant, one of which was deleted. */
  forget(merchantId: string): void;
};

const keysMax = 5_000;
/** For so long a key that another process deleted may still work here. */
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
