import { LRUCache } from "lru-cache";

/** A merchant that restarts must not lose the seconds after, too. */
const failuresMax = 10;
const openMs = { first: 1_000, factor: 2, max: 30_000 } as const;
const keysMax = 10_000;

/**
 * Keeps calls away from what is known not to answer. Closed until ten failures in a row; then open for a second, in which nobody
 * calls; then half open: one call may try. If that fails too it is open for twice as long as before, half a minute at most.
 */
export type Breaker = {
  /** Whether a call may be made now. Whoever gets a yes reports back, whatever happens. */
  admits(key: string): boolean;
  succeeded(key: string): void;
  failed(key: string): void;
  /** How many are open. Walks through all that failed lately: for whoever looks, not for each call. */
  open(): number;
};

type Circuit = { failures: number; openMs: number; openUntilMs: number; trying: boolean };

export function createBreaker(nowMs: () => number): Breaker {
  const circuits = new LRUCache<string, Circuit>({ max: keysMax });

  return {
    admits(key) {
      const circuit = circuits.get(key);
      if (circuit === undefined || circuit.failures < failuresMax) return true;
      if (circuit.trying || nowMs() < circuit.openUntilMs) return false;
      circuit.trying = true;
      return true;
    },
    succeeded: key => void circuits.delete(key),
    failed(key) {
      const circuit = circuits.get(key) ?? { failures: 0, openMs: 0, openUntilMs: 0, trying: false };
      circuit.failures += 1;
      // Calls that were under way when it opened say nothing new.
      if (circuit.trying || circuit.failures === failuresMax) {
        circuit.openMs = circuit.openMs === 0 ? openMs.first : Math.min(circuit.openMs * openMs.factor, openMs.max);
        circuit.openUntilMs = nowMs() + circuit.openMs;
        circuit.trying = false;
      }
      circuits.set(key, circuit);
    },
    open: () => [...circuits.values()].filter(({ failures }) => failures >= failuresMax).length,
  };
}
