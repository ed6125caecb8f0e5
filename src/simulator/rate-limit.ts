/** At most `callsMax` calls within any `inMs`. */
export type RateLimit = { callsMax: number; inMs: number };

/** Answers whether a call is within the limit; a call beyond it does not count. */
export function makeRateLimit({ callsMax, inMs }: RateLimit): (nowMs: number) => boolean {
  const recent: number[] = [];
  return nowMs => {
    while (recent.length > 0 && recent[0]! <= nowMs - inMs) recent.shift();
    if (recent.length >= callsMax) return false;
    recent.push(nowMs);
    return true;
  };
}
