/** At most so many calls in any such time. */
export type RateLimit = { callsMax: number; inMs: number };

/** Says of each call whether it is within the limit; one that is not does not count. */
export function makeRateLimit({ callsMax, inMs }: RateLimit): (nowMs: number) => boolean {
  const recent: number[] = [];
  return nowMs => {
    while (recent.length > 0 && recent[0]! <= nowMs - inMs) recent.shift();
    if (recent.length >= callsMax) return false;
    recent.push(nowMs);
    return true;
  };
}
