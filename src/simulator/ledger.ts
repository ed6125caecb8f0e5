import type { Script, ScriptOutcome, ScriptStep } from "./script.ts";

/**
 * A transaction at a simulated provider. `steps` are played by its next status calls; afterwards they get `outcome`.
 */
export type LedgerEntry = { outcome: ScriptOutcome; steps: Script };

/** The transactions of a simulated provider, by the id that the status call names. */
export type Ledger<T extends LedgerEntry> = {
  /** Adds an entry, or replaces the one with that id. */
  add(id: string, entry: T): void;
  get(id: string): T | undefined;
  /** Changes the outcome of an entry. */
  settle(id: string, outcome: ScriptOutcome): void;
  /** The next step of an entry: the outage's while there is one, else its script's, else its outcome. */
  nextStep(entry: T): ScriptStep;
  /** Plays `step` at every status call from now on; null ends the outage. */
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
    nextStep: entry => everywhere ?? entry.steps.shift() ?? { do: "report" },
    outage(step) {
      everywhere = step;
    },
  };
}
