import { createSlidingWindow } from "../../batch/sliding-window.ts";

const perMs = 60_000;

/**
 * Counts a failed attempt to sign in, and says whether it is one of the 10 a minute that an address has, and of the 300
 * that all have together. A right key is never counted: guesses must not lock people out.
 */
export function createFailureLimit(nowMs: () => number): (address: string) => boolean {
  const byAddress = createSlidingWindow({ max: 10, perMs, keysMax: 10_000, nowMs });
  const all = createSlidingWindow({ max: 300, perMs, keysMax: 1, nowMs });
  return address => {
    if (!byAddress.fits(address) || !all.fits("all")) return false;
    byAddress.count(address);
    all.count("all");
    return true;
  };
}
