import { kinds } from "../../domain/kinds.ts";
import { formatSigned } from "../../domain/money.ts";
import type { KnownTransaction } from "./known-store.ts";
import type { Movement, StatementLine } from "./read/line.ts";
import type { Verdict } from "./statement-row.ts";

/** A line of the same statement that came before. */
export type EarlierLine = {
  line: number;
  verdict: Verdict;
  at: Date | null;
  balance: bigint | null;
  transactionId: string | null;
};

/** What is known when a line is judged. */
export type JudgeContext = {
  currency: string;
  byReceipt: ReadonlyMap<string, KnownTransaction>;
  /** A registered transaction without a receipt, of the line's reference and amount. */
  byReference: KnownTransaction | null;
  /** The line of this statement with the same receipt, details and sign. */
  earlier: EarlierLine | null;
};

/** What a line came to. */
export type Judgement = {
  verdict: Verdict;
  /** The transaction to show, where it is known already. */
  transactionId: string | null;
  /** The transaction that the line's evidence is about, where its receipt does not say so. */
  target: string | null;
  problem: string | null;
  /** `nothing`: the line is no evidence. `refund`: it gives back the payment of its own receipt. */
  settles: "payment" | "reversal" | "refund" | "nothing";
  /** The line is there twice; it is not added to the sums again. */
  isRepeated: boolean;
};

const nothing = { transactionId: null, target: null, problem: null, settles: "nothing", isRepeated: false } as const;

/** The verdict of a line. A pure function of the line and what is known. */
export function judge(line: StatementLine, context: JudgeContext): Judgement {
  if (!line.isReadable) return { ...nothing, verdict: "unreadable", problem: line.problem };
  const own = context.byReceipt.get(line.receipt) ?? null;
  const twice = context.earlier && listedTwice(line, context.earlier);
  if (twice) return twice;
  switch (line.nature) {
    case "charge":
      return { ...nothing, verdict: "charge", transactionId: own?.id ?? null };
    case "sweep":
      return { ...nothing, verdict: "sweep" };
    case "reversal":
      return judgeReversal(line, own, context);
    case "payment":
      return own === null ? judgeUnknown(line, context) : judgeKnown(line, own, context.currency);
  }
}

/** The same line again is a repetition of the file's; with another time or balance the money moved twice. */
function listedTwice({ at, balance, nature }: Movement, earlier: EarlierLine): Judgement {
  const { line, verdict, transactionId } = earlier;
  if (earlier.at?.getTime() === at.getTime() && earlier.balance === balance) {
    return { ...nothing, verdict, transactionId, problem: `repeats line ${line}`, isRepeated: true };
  }
  const what = nature === "charge" ? "charged twice" : "booked twice";
  return { ...nothing, verdict: "differs", transactionId, problem: `${what}: line ${line} has the same receipt` };
}

function judgeReversal(line: Movement, own: KnownTransaction | null, { byReceipt }: JudgeContext): Judgement {
  if (line.reverses !== undefined) {
    const payment = byReceipt.get(line.reverses) ?? null;
    const verdict = payment === null ? "new" : "matched";
    const settles = own !== null && own.kind !== "reversal" ? "nothing" : "reversal";
    return { ...nothing, verdict, transactionId: payment?.id ?? own?.id ?? null, settles };
  }
  if (own === null) return { ...nothing, verdict: "differs", problem: "the reversal names no payment" };
  if (own.kind === "reversal") return { ...nothing, verdict: "matched", transactionId: own.id, settles: "reversal" };
  return { ...nothing, verdict: "matched", transactionId: own.id, target: own.id, settles: "refund" };
}

function judgeUnknown({ says }: Movement, { byReference }: JudgeContext): Judgement {
  if (byReference === null) return { ...nothing, verdict: "new", settles: "payment" };
  const { id, status } = byReference;
  const found = { ...nothing, transactionId: id, target: id, settles: "payment" } as const;
  if (status === says) return { ...found, verdict: "matched" };
  return { ...found, verdict: "differs", problem: `here ${status}, on the statement ${says}` };
}

function judgeKnown({ amount, says }: Movement, own: KnownTransaction, currency: string): Judgement {
  const found = { ...nothing, transactionId: own.id, target: own.id, settles: "payment" } as const;
  const comesIn = kinds[own.kind].direction === "in";
  if (comesIn !== amount > 0n) {
    const problem = comesIn
      ? "the money came in here, and goes out there"
      : "the money went out here, and comes in there";
    return { ...found, verdict: "differs", problem, settles: "nothing" };
  }
  const moved = amount < 0n ? -amount : amount;
  if (own.amount !== null && own.amount !== moved) {
    const [here, there] = [own.amount, moved].map(minor => formatSigned(minor, currency));
    return { ...found, verdict: "differs", problem: `here ${here}, on the statement ${there}` };
  }
  const isSame = says === "completed" ? ["completed", "refunded"] : ["failed", "expired"];
  if (isSame.includes(own.status)) return { ...found, verdict: "matched" };
  return { ...found, verdict: "differs", problem: `here ${own.status}, on the statement ${says}` };
}
