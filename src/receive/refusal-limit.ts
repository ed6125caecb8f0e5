import { LRUCache } from "lru-cache";

const storedMax = 60;
const perMs = 60_000;
const connectionsMax = 10_000;

/**
 * Whether one more unverified callback of a connection may be stored: at most 60 in any 60 s, the others are only
 * counted.
 */
export type RefusalLimit = (connectionId: string) => boolean;

/** A sliding window: minutes of the clock would let 120 callbacks through around the turn of a minute. */
export function createRefusalLimit(nowMs: () => number): RefusalLimit {
  /** The times of the last 60 stored callbacks as a ring: `oldest` is the index that the next time overwrites. */
  const connections = new LRUCache<string, { storedAtMs: number[]; oldest: number }>({ max: connectionsMax });
  return connectionId => {
    const now = nowMs();
    const ring = connections.get(connectionId) ?? { storedAtMs: [], oldest: 0 };
    const before = ring.storedAtMs[ring.oldest];
    if (before !== undefined && now - before < perMs) return false;
    ring.storedAtMs[ring.oldest] = now;
    ring.oldest = (ring.oldest + 1) % storedMax;
    connections.set(connectionId, ring);
    return true;
  };
}
