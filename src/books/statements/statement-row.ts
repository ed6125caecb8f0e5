import type { StatementField } from "../../providers/statement.ts";

export const statementStates = ["importing", "imported", "failed"] as const;
export type StatementState = (typeof statementStates)[number];

/** What came of a line; `missing` is of what the statement lacks. */
export const verdicts = ["matched", "new", "differs", "missing", "charge", "sweep", "unreadable"] as const;
export type Verdict = (typeof verdicts)[number];

export type Counts = Partial<Record<Verdict, number>>;

/** A statement. Amounts are minor units of `currency`; what is not known is null. */
export type StatementRow = {
  shard: number;
  id: string;
  merchantId: string;
  connectionId: string;
  bytes: number;
  columns: Partial<Record<StatementField, string>> | null;
  state: StatementState;
  problems: string[];
  periodFrom: Date | null;
  periodTo: Date | null;
  openingBalance: bigint | null;
  closingBalance: bigint | null;
  paidIn: bigint | null;
  withdrawn: bigint | null;
  currency: string | null;
  addsUp: boolean | null;
  counts: Counts;
  settledRows: number;
  createdAt: Date;
  finishedAt: Date | null;
};
