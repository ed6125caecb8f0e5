import { createSlidingWindow } from "../batch/sliding-window.ts";

/** Whether one more refused callback of a connection is stored: 60 in any minute are; the rest is counted only. */
export function createRefusalLimit(nowMs: () => number): (connectionId: string) => boolean {
  const stored = createSlidingWindow({ max: 60, perMs: 60_000, keysMax: 10_000, nowMs });
  return connectionId => {
    if (!stored.fits(connectionId)) return false;
    stored.count(connectionId);
    return true;
  };
}
