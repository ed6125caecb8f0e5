import { parseArgs } from "node:util";
import { type Before, buildBefore } from "./before.ts";

/** What `npm run bench` was asked for. */
export type BenchOptions = {
  names: string[];
  /** Turns of each system. */
  rounds: number;
  /** Share of the usual loads: a tenth in the short form, which shows that the bench works and no more. */
  share: number;
  before: Before | null;
  /** Transactions of the large database of `scale`. */
  transactions: number;
};

/** `npm run bench -- [name ...] [--short] [--rounds n] [--against <commit>] [--transactions n]`. */
export function benchOptions(args: string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      short: { type: "boolean" },
      rounds: { type: "string" },
      against: { type: "string" },
      transactions: { type: "string" },
    },
  });
  return {
    names: positionals,
    rounds: Number(values.rounds ?? (values.short ? 1 : 7)),
    share: values.short ? 0.1 : 1,
    before: values.against === undefined ? null : buildBefore(values.against),
    transactions: Number(values.transactions ?? (values.short ? 20_000 : 1_000_000)),
  };
}
