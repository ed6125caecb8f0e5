import { createSlidingWindow } from "../batch/sliding-window.ts";

/**
 * Whether one more unverified callback of a connection may be stored: at most 60 in any 60 s, the others are only
 * counted.
 */
export type RefusalLimit = (connectionId: string) => boolean;

/** `nowMs`: a clock that does not go back, in ms. */
export function createRefusalLimit(nowMs: () => number): RefusalLimit {
  const stored = createSlidingWindow({ max: 60, perMs: 60_000, keysMax: 10_000, nowMs });
  return connectionId => {
    if (!stored.fits(connectionId)) return false;
    stored.count(connectionId);
    return true;
  };
}
