/** An aim of the project as a bound on a measured value: a ratio in one run, or MB. */
export type Verdict = { aim: string; measured: number; atLeast?: number; atMost?: number };

/** One line for each aim: what was measured, the bound, and whether it holds. A value of NaN was not measured. */
export function printVerdicts(verdicts: Verdict[]): void {
  console.log("\nVerdicts, medians of turns:");
  for (const { aim, measured, atLeast, atMost } of verdicts) {
    const bound = atLeast !== undefined ? `>= ${atLeast}` : `<= ${atMost}`;
    const holds = atLeast !== undefined ? measured >= atLeast : measured <= atMost!;
    const verdict = Number.isNaN(measured) ? "not measured" : holds ? "reached" : "NOT REACHED";
    console.log(`${aim.padEnd(66)} ${measured.toFixed(2).padStart(8)}  ${bound.padEnd(8)} ${verdict}`);
  }
}

/** The median; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median of one turn's value to another's of the same round; NaN where one of them did not take part. */
export function medianRatio<Turn>(
  turns: Map<string, Turn[]>,
  of: string,
  to: string,
  value: (turn: Turn) => number,
): number {
  const [own, other] = [turns.get(of) ?? [], turns.get(to) ?? []];
  return median(own.flatMap((turn, round) => (other[round] ? [value(turn) / value(other[round])] : [])));
}
