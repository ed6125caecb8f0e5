import type { Evidence } from "../evidence.ts";

/** The set that decides: of each callback only its latest reading, and each id once. */
export function latestReadings(all: readonly Evidence[]): Evidence[] {
  const latest = new Map<string, number>();
  for (const { callbackId, reading } of all) {
    if (callbackId) latest.set(callbackId, Math.max(latest.get(callbackId) ?? 0, reading));
  }
  const byId = new Map<string, Evidence>();
  for (const e of all) {
    if (!e.callbackId || latest.get(e.callbackId) === e.reading) byId.set(e.id, e);
  }
  return [...byId.values()];
}
