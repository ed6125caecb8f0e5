/** Chance that follows from a seed alone. */
export type Random = {
  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number;
  oneOf<T>(list: readonly T[]): T;
};

/** mulberry32: 32 bits of state, the same numbers on every machine. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return { whole, oneOf: list => list[whole(0, list.length - 1)]! };
}
