import { createSlidingWindow } from "../../batch/sliding-window.ts";

const perMs = 60_000;

/** Whether an address may try to sign in: 10 attempts a minute from one address, 300 from all together. */
export function createSignInLimit(nowMs: () => number): (address: string) => boolean {
  const byAddress = createSlidingWindow({ max: 10, perMs, keysMax: 10_000, nowMs });
  const all = createSlidingWindow({ max: 300, perMs, keysMax: 1, nowMs });
  return address => {
    if (!byAddress.fits(address) || !all.fits("all")) return false;
    byAddress.count(address);
    all.count("all");
    return true;
  };
}
