import { createSlidingWindow } from "../batch/sliding-window.ts";

/**
 * Whether one more callback of a connection that is answered 400, 401 or 403 may be stored: at most 60 in any 60 s, the
 * others are only counted. A sender needs no secret but the URL for any number of them.
 */
export type RefusalLimit = (connectionId: string) => boolean;

/** `nowMs`: a clock that does not go back, in ms. `onReached` is called for each that may not. */
export function createRefusalLimit(nowMs: () => number, onReached: () => void = () => {}): RefusalLimit {
  const stored = createSlidingWindow({ max: 60, perMs: 60_000, keysMax: 10_000, nowMs });
  return connectionId => {
    if (!stored.fits(connectionId)) {
      onReached();
      return false;
    }
    stored.count(connectionId);
    return true;
  };
}
