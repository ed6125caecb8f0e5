import { LRUCache } from "lru-cache";

const perMinute = 60;
const connectionsMax = 10_000;

/** How many refused callbacks of a connection are kept in a minute; the rest is counted only (contract, section 2). */
export function createAllowance(nowMs: () => number): (connectionId: string) => boolean {
  const minutes = new LRUCache<string, { minute: number; kept: number }>({ max: connectionsMax });
  return connectionId => {
    const minute = Math.floor(nowMs() / 60_000);
    const entry = minutes.get(connectionId);
    if (!entry || entry.minute !== minute) {
      minutes.set(connectionId, { minute, kept: 1 });
      return true;
    }
    if (entry.kept >= perMinute) return false;
    entry.kept += 1;
    return true;
  };
}
