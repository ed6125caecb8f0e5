import { LRUCache } from "lru-cache";

export type TokenBuckets = {
  /** Takes a token of the key. Returns 0, or the milliseconds until one is there. */
  take(key: string): number;
};

/**
 * Limits events by key to `perS` a second on average, and `burst` at once. The `keysMax` keys used last are remembered.
 * `nowMs` is monotonic.
 */
export function createTokenBuckets(options: {
  perS: number;
  burst: number;
  keysMax: number;
  nowMs: () => number;
}): TokenBuckets {
  const { perS, burst, keysMax, nowMs } = options;
  const buckets = new LRUCache<string, { tokens: number; atMs: number }>({ max: keysMax });
  return {
    take(key) {
      const now = nowMs();
      const bucket = buckets.get(key) ?? { tokens: burst, atMs: now };
      const tokens = Math.min(burst, bucket.tokens + ((now - bucket.atMs) / 1000) * perS);
      const taken = tokens >= 1;
      buckets.set(key, { tokens: taken ? tokens - 1 : tokens, atMs: now });
      return taken ? 0 : Math.max(1, Math.ceil(((1 - tokens) / perS) * 1000));
    },
  };
}
