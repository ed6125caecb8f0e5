import { LRUCache } from "lru-cache";

const windowMs = 60_000;
const triesMax = { address: 10, everybody: 300 } as const;
const addressesMax = 10_000;

/** Whether somebody may try to sign in once more: ten times a minute from one address, 300 times from all. */
export function createSignInLimit(nowMs: () => number): (address: string) => boolean {
  const byAddress = new LRUCache<string, number[]>({ max: addressesMax });
  let all: number[] = [];
  return address => {
    const since = nowMs() - windowMs;
    all = all.filter(at => at > since);
    const own = (byAddress.get(address) ?? []).filter(at => at > since);
    if (own.length >= triesMax.address || all.length >= triesMax.everybody) return false;
    all.push(nowMs());
    byAddress.set(address, [...own, nowMs()]);
    return true;
  };
}
