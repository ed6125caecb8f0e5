import { LRUCache } from "lru-cache";

export type SlidingWindow = {
  /** Whether one more event of the key fits: fewer than `max` in the last `perMs`. */
  fits(key: string): boolean;
  /** Counts an event of the key. Call it only where the event fits. */
  count(key: string): void;
};

/**
 * Limits events by key to `max` in any period of `perMs`. Periods of the clock would let twice as many through around
 * their turn. The `keysMax` keys used last are remembered. `nowMs` may be any clock that does not go back.
 */
export function createSlidingWindow(options: {
  max: number;
  perMs: number;
  keysMax: number;
  nowMs: () => number;
}): SlidingWindow {
  const { max, perMs, keysMax, nowMs } = options;
  /** The times of the last `max` events, as a ring; `oldest` is the index that the next event overwrites. */
  const rings = new LRUCache<string, { atMs: number[]; oldest: number }>({ max: keysMax });
  return {
    fits(key) {
      const ring = rings.get(key);
      const oldestMs = ring?.atMs[ring.oldest];
      return oldestMs === undefined || nowMs() - oldestMs >= perMs;
    },
    count(key) {
      const ring = rings.get(key) ?? { atMs: [], oldest: 0 };
      ring.atMs[ring.oldest] = nowMs();
      ring.oldest = (ring.oldest + 1) % max;
      rings.set(key, ring);
    },
  };
}
