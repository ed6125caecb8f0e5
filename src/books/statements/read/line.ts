import { digestUuid } from "../../../domain/ids.ts";
import type { TimeReader } from "../../../domain/time.ts";
import { receiptOf } from "../../../providers/kit/text.ts";
import type { LineMeaning, LineTexts, StatementFiles } from "../../../providers/statement.ts";
import { readSigned } from "./signed-amount.ts";

/** A line that was read. `amount` and `balance` are minor units, `amount` negative where money went out. */
export type Movement = LineMeaning & {
  isReadable: true;
  /** The row of the file, from 1. */
  seq: number;
  line: number;
  receipt: string;
  at: Date;
  amount: bigint;
  balance: bigint | null;
  says: "completed" | "failed";
  /** Digest of receipt, details and sign: what tells the line from others of its receipt. */
  key: string;
};

type UnreadableLine = { isReadable: false; seq: number; line: number; receipt: string | null; problem: string };

export type StatementLine = Movement | UnreadableLine;

/** What the texts of lines are read with. `country` is that of phones, ISO 3166. */
export type LineContext = {
  currency: string;
  country: string;
  readTime: TimeReader;
  meaning: StatementFiles["meaning"];
};

const statuses: Readonly<Record<string, Movement["says"]>> = {
  "": "completed",
  completed: "completed",
  complete: "completed",
  success: "completed",
  successful: "completed",
  failed: "failed",
  declined: "failed",
  cancelled: "failed",
  canceled: "failed",
  expired: "failed",
  rejected: "failed",
};

/** Reads one line. Problems name columns, never their values. */
export function readLine(
  texts: LineTexts,
  { seq, line }: { seq: number; line: number },
  context: LineContext,
): StatementLine {
  const receipt = receiptOf(texts.receipt);
  const unreadable = (problem: string): StatementLine => ({ isReadable: false, seq, line, receipt, problem });
  if (receipt === null) return unreadable("the receipt is missing or unusable");
  const at = timeOf(texts.completed_at ?? "", context.readTime);
  if (at === null) return unreadable("the time of completion is missing or cannot be read");
  const amount = amountOf(texts, context.currency);
  if (amount === null) return unreadable("the amount cannot be read");
  if (amount === 0n) return unreadable("the amount is missing, or zero");
  const says = statuses[(texts.status ?? "").toLowerCase()];
  if (says === undefined) return unreadable("the status is not known as one that ends a transaction");
  const balance = texts.balance === undefined ? null : readSigned(texts.balance, context.currency);
  const meaning = context.meaning(texts, amount > 0n, context.country);
  const sign = amount > 0n ? "+" : "-";
  const what = [receipt, (texts.details ?? texts.type ?? "").replace(/\s+/g, " ").toLowerCase(), sign];
  const key = digestUuid(what.join("|"));
  return { isReadable: true, seq, line, receipt, at, amount, balance, says, key, ...meaning };
}

/** `Withdrawn` is negative in some statements and positive in others: money out is always negative here. */
function amountOf(texts: LineTexts, currency: string): bigint | null {
  if (texts.amount !== undefined) return readSigned(texts.amount, currency);
  const paidIn = readSigned(texts.paid_in ?? "", currency);
  const withdrawn = readSigned(texts.withdrawn ?? "", currency);
  if (paidIn === null || withdrawn === null) return null;
  return paidIn - (withdrawn < 0n ? -withdrawn : withdrawn);
}

const dayMs = 86_400_000;
/** Days from 1899-12-30, from which workbooks count, to 1970-01-01. */
const excelEpochDays = 25_569;

function timeOf(text: string, readTime: TimeReader): Date | null {
  // A workbook may hold a date as a number of days, in local time: 45992.93784.
  const days = /^[3-6]\d{4}(?:\.\d+)?$/.test(text) ? Number(text) : null;
  if (days === null) return readTime(text);
  const local = new Date(Math.round(((days - excelEpochDays) * dayMs) / 1000) * 1000);
  return readTime(local.toISOString().slice(0, 19));
}
