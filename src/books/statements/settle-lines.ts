import type { Logger } from "pino";
import type { Connection } from "../../connections/connection.ts";
import type { Sql } from "../../database/connect.ts";
import { isUnavailable } from "../../database/unavailable.ts";
import type { Evidence } from "../../domain/evidence.ts";
import { digestUuid, publicId } from "../../domain/ids.ts";
import type { ProviderRefs } from "../../domain/kinds.ts";
import type { Provider } from "../../providers/provider.ts";
import { settleItem } from "../../settle/item.ts";
import type { Settler } from "../../settle/settler.ts";
import type { Judgement } from "./judge.ts";
import type { JudgedStatement } from "./judge-lines.ts";
import { type JudgedLine, setLineProblem, setLineTransactions } from "./line-store.ts";
import type { Movement } from "./read/line.ts";

type SettleLinesDeps = { sql: Sql; settler: Settler; log: Logger };

export type StatementAccount = { connection: Connection; provider: Provider };

/** Settles a batch of judged lines as evidence of strength `statement`, and notes the transaction of each. */
export async function settleLines(
  deps: SettleLinesDeps,
  account: StatementAccount,
  statement: JudgedStatement,
  judged: JudgedLine[],
  now: Date,
): Promise<void> {
  const settled = await Promise.all(judged.map(each => settleLine(deps, account, statement, each, now)));
  const found = settled.filter(each => each !== null);
  await setLineTransactions(deps.sql, statement.shard, statement.statementId, found);
}

async function settleLine(
  { sql, settler, log }: SettleLinesDeps,
  account: StatementAccount,
  { shard, statementId, currency }: JudgedStatement,
  { line, judgement }: JudgedLine,
  now: Date,
): Promise<{ seq: number; transactionId: string } | null> {
  if (!line.isReadable || judgement.settles === "nothing") return null;
  const { connection } = account;
  const evidence = evidenceOf(line, judgement, account, currency, now);
  const target = judgement.settles === "reversal" ? null : judgement.target;
  try {
    const { transactionIds } = await settler.settle(shard, settleItem(connection, { evidence: [evidence], target }));
    const [transactionId] = transactionIds;
    return transactionId === undefined ? null : { seq: line.seq, transactionId };
  } catch (error) {
    // An import that is stopped goes on elsewhere.
    if (isUnavailable(error) || (error as Error).name === "AbortError") throw error;
    const fields = { err: error, connection_id: publicId("connection", connection.id), line: line.line };
    log.error(fields, "line of a statement not settled: the database rejected it");
    await setLineProblem(sql, shard, statementId, line.seq, "the database refused the line; the log says why");
    return null;
  }
}

/** The id is a digest of the line, so a line that several statements list is evidence once. */
function evidenceOf(
  line: Movement,
  { settles }: Judgement,
  { connection, provider }: StatementAccount,
  currency: string,
  now: Date,
): Evidence {
  const { kind, key, at, receipt, reference, phone, phoneMasked, partyName, reverses } = line;
  const says = settles === "refund" ? "refunded" : line.says;
  const minor = line.amount < 0n ? -line.amount : line.amount;
  const refs: ProviderRefs = settles === "refund" ? {} : { [refNameOf(provider)]: receipt };
  const content = [key, says, minor, at.toISOString(), reference ?? ""].join("|");
  return {
    id: digestUuid(`imported|${connection.id}|${content}`),
    source: "statement",
    strength: "statement",
    callbackId: null,
    reading: 1,
    learntAt: now,
    kind,
    says,
    refs,
    identity: settles === "refund" ? [] : provider.identity(kind, refs),
    amount: { minor, currency },
    occurredAt: at,
    ...(reference !== undefined && settles === "payment" && { reference }),
    ...(phone !== undefined && { phone }),
    ...(phoneMasked !== undefined && { phoneMasked }),
    ...(partyName !== undefined && { partyName }),
    ...(settles === "reversal" && reverses !== undefined && { reverses }),
  };
}

/** The name of the id that the provider prints on statements. */
function refNameOf({ refs = [] }: Provider): string {
  return refs.includes("receipt") ? "receipt" : (refs[0] ?? "receipt");
}
