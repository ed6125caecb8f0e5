import type { SimulatedCall } from "./server.ts";

/** The most calls that ran at one moment; a call that never ended runs for good. */
export function mostAtOnce(calls: readonly SimulatedCall[]): number {
  // An end before a start of the same moment: these two did not overlap.
  const moments = calls
    .flatMap(call => [
      { atMs: call.startedMs, by: 1 },
      { atMs: call.endedMs ?? Number.POSITIVE_INFINITY, by: -1 },
    ])
    .sort((a, b) => a.atMs - b.atMs || a.by - b.by);
  let running = 0;
  return moments.reduce((most, { by }) => {
    running += by;
    return Math.max(most, running);
  }, 0);
}

/** The most calls that began within any span of `inMs`. */
export function mostWithin(calls: readonly SimulatedCall[], inMs: number): number {
  const starts = calls.map(call => call.startedMs).sort((a, b) => a - b);
  let first = 0;
  return starts.reduce((most, atMs, at) => {
    while (starts[first]! <= atMs - inMs) first += 1;
    return Math.max(most, at - first + 1);
  }, 0);
}

/** The calls by the transaction they were about. */
export function byTransaction(calls: readonly SimulatedCall[]): Map<string, SimulatedCall[]> {
  const grouped = new Map<string, SimulatedCall[]>();
  for (const call of calls) {
    if (call.about === null) continue;
    const known = grouped.get(call.about);
    if (known) known.push(call);
    else grouped.set(call.about, [call]);
  }
  return grouped;
}
