import type { Script, ScriptOutcome, ScriptStep } from "./script.ts";

/** A transaction at a simulated provider. `steps` are what successive status calls get. */
export type LedgerEntry = { outcome: ScriptOutcome; steps: Script };

/** What a simulated provider knows, by the id it is asked by. */
export type Ledger<T extends LedgerEntry> = {
  /** Puts it in, or in the place of what has the id. */
  add(id: string, entry: T): void;
  get(id: string): T | undefined;
  /** Changes what is true from now on. */
  settle(id: string, outcome: ScriptOutcome): void;
  /** The next step of an entry: an outage's for as long as there is one, else the script's, else the truth. */
  nextStep(entry: T): ScriptStep;
  /** What every call gets from now on; null ends it. */
  outage(step: ScriptStep | null): void;
};

export function makeLedger<T extends LedgerEntry>(): Ledger<T> {
  const entries = new Map<string, T>();
  let everywhere: ScriptStep | null = null;
  return {
    add: (id, entry) => void entries.set(id, entry),
    get: id => entries.get(id),
    settle(id, outcome) {
      const entry = entries.get(id);
      if (entry) entry.outcome = outcome;
    },
    nextStep: entry => everywhere ?? entry.steps.shift() ?? { do: "tell" },
    outage(step) {
      everywhere = step;
    },
  };
}
