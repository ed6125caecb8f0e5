import { percentile } from "./load.ts";

/** Sorted latencies of one window under one condition. The windows of a block were measured one after the other. */
export type Window<Of extends string> = { block: number; of: Of; latenciesMs: number[]; cpuMs: number };

const resamples = 2000;

/**
 * Prints percentiles of each condition, and p99 ratios between conditions: the median of blocks, and of all with an
 * interval.
 */
export function printRatios<Of extends string>(windows: Window<Of>[], conditions: readonly Of[]): void {
  const blocks = Math.max(...windows.map(w => w.block)) + 1;
  const all = Array.from({ length: blocks }, (_, block) => block);
  const windowOf = (of: Of, block: number) => windows.find(w => w.of === of && w.block === block)!;
  const pooled = (of: Of, some: number[]) =>
    percentile(
      some.flatMap(block => windowOf(of, block).latenciesMs).sort((a, b) => a - b),
      0.99,
    );
  for (const of of conditions) {
    const own = windows.filter(w => w.of === of);
    const sorted = own.flatMap(w => w.latenciesMs).sort((a, b) => a - b);
    const [p50, p99] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
    const cpuMs = median(own.map(w => w.cpuMs));
    console.log(
      `beside ${of}`.padEnd(20),
      `p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms  CPU of the sender ${cpuMs.toFixed(0)} ms a window`,
    );
  }
  for (const [of, to] of pairs(conditions)) {
    const byBlock = median(
      all.map(
        block => percentile(windowOf(of, block).latenciesMs, 0.99) / percentile(windowOf(to, block).latenciesMs, 0.99),
      ),
    );
    const drawn = Array.from({ length: resamples }, () => {
      const some = all.map(() => Math.floor(Math.random() * blocks));
      return pooled(of, some) / pooled(to, some);
    }).sort((a, b) => a - b);
    const [low, high] = [percentile(drawn, 0.025), percentile(drawn, 0.975)];
    const whole = pooled(of, all) / pooled(to, all);
    console.log(
      `p99 ${of} to ${to}`.padEnd(26),
      `median of blocks ${byBlock.toFixed(2)}  all together ${whole.toFixed(2)} (95 %: ${low.toFixed(2)} to ${high.toFixed(2)})`,
    );
  }
}

/** Each condition with each of those before it. */
function pairs<Of extends string>(conditions: readonly Of[]): [Of, Of][] {
  return conditions.flatMap((of, at) => conditions.slice(0, at).map((to): [Of, Of] => [of, to]));
}

function median(values: number[]): number {
  return percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}
