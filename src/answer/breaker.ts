import { LRUCache } from "lru-cache";

/** High enough that a merchant's restart does not open the breaker. */
const failuresMax = 10;
const openMs = { first: 1_000, factor: 2, max: 30_000 } as const;
const keysMax = 10_000;

/**
 * A circuit breaker for each key. Closed until ten failures in a row; then open for one second, without a call; then
 * half open: one call is let through. If it fails too, the breaker is open for twice as long as before, 30 s at most.
 */
export type Breaker = {
  /** Whether a call may be made now. After a yes the caller records a success or a failure in any case. */
  admits(key: string): boolean;
  recordSuccess(key: string): void;
  recordFailure(key: string): void;
  /** How many breakers are open. Visits every key that failed recently: for a scrape, not for each call. */
  openCount(): number;
};

type Circuit = { failures: number; openMs: number; openUntilMs: number; isHalfOpen: boolean };

/** `nowMs`: a clock in ms. */
export function createBreaker(nowMs: () => number): Breaker {
  const circuits = new LRUCache<string, Circuit>({ max: keysMax });

  return {
    admits(key) {
      const circuit = circuits.get(key);
      if (circuit === undefined || circuit.failures < failuresMax) return true;
      if (circuit.isHalfOpen || nowMs() < circuit.openUntilMs) return false;
      circuit.isHalfOpen = true;
      return true;
    },
    recordSuccess: key => void circuits.delete(key),
    recordFailure(key) {
      const circuit = circuits.get(key) ?? { failures: 0, openMs: 0, openUntilMs: 0, isHalfOpen: false };
      circuit.failures += 1;
      // Failures of calls that were under way when the breaker opened do not prolong it.
      if (circuit.isHalfOpen || circuit.failures === failuresMax) {
        circuit.openMs = circuit.openMs === 0 ? openMs.first : Math.min(circuit.openMs * openMs.factor, openMs.max);
        circuit.openUntilMs = nowMs() + circuit.openMs;
        circuit.isHalfOpen = false;
      }
      circuits.set(key, circuit);
    },
    openCount: () => [...circuits.values()].filter(({ failures }) => failures >= failuresMax).length,
  };
}
