import { LRUCache } from "lru-cache";

const windowMs = 60_000;
const attemptsMax = { perAddress: 10, total: 300 } as const;
const addressesMax = 10_000;

/** Whether an address may try to sign in: 10 attempts a minute from one address, 300 from all together. */
export function createSignInLimit(nowMs: () => number): (address: string) => boolean {
  const byAddress = new LRUCache<string, number[]>({ max: addressesMax });
  let all: number[] = [];
  return address => {
    const since = nowMs() - windowMs;
    all = all.filter(at => at > since);
    const own = (byAddress.get(address) ?? []).filter(at => at > since);
    if (own.length >= attemptsMax.perAddress || all.length >= attemptsMax.total) return false;
    all.push(nowMs());
    byAddress.set(address, [...own, nowMs()]);
    return true;
  };
}
