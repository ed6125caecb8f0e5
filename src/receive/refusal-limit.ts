import { LRUCache } from "lru-cache";

const keptMax = 60;
const perMs = 60_000;
const connectionsMax = 10_000;

/**
 * Whether one more refused callback of a connection is kept: at most 60 in any minute, the rest is counted only. Minutes of the clock
 * would let 120 through around their turn.
 */
export function createRefusalLimit(nowMs: () => number): (connectionId: string) => boolean {
  /** When the last 60 were kept, as a ring: `oldest` is the place that the next one takes. */
  const connections = new LRUCache<string, { keptAtMs: number[]; oldest: number }>({ max: connectionsMax });
  return connectionId => {
    const now = nowMs();
    const kept = connections.get(connectionId) ?? { keptAtMs: [], oldest: 0 };
    const before = kept.keptAtMs[kept.oldest];
    if (before !== undefined && now - before < perMs) return false;
    kept.keptAtMs[kept.oldest] = now;
    kept.oldest = (kept.oldest + 1) % keptMax;
    connections.set(connectionId, kept);
    return true;
  };
}
