import { isUnavailable } from "../../database/unavailable.ts";
import type { Evidence, Finding } from "../../domain/evidence.ts";
import { digestUuid, publicId } from "../../domain/ids.ts";
import { settleItem } from "../../settle/item.ts";
import type { ProviderAccount } from "../calls/provider-account.ts";
import type { ReconcileDeps } from "../deps.ts";
import { countStatementRow, type PassCounter } from "../pass-counts.ts";

/** What tells a row from others of its connection. */
export const rowKey = ({ identity }: Finding): string => identity.join("|");

/**
 * Settles the rows of a page. A row that the database refuses is logged and counted as an error, and stops no other
 * row. Rejects where the database is unavailable.
 */
export async function settleRows(
  deps: Pick<ReconcileDeps, "settler" | "log">,
  account: ProviderAccount,
  findings: Finding[],
  at: Date,
  counter: PassCounter,
): Promise<void> {
  await Promise.all(findings.map(finding => settleRow(deps, account, finding, at, counter)));
}

/** The evidence's id is a digest of the row, so a row that is listed again counts once. */
async function settleRow(
  { settler, log }: Pick<ReconcileDeps, "settler" | "log">,
  { connection }: ProviderAccount,
  finding: Finding,
  at: Date,
  counter: PassCounter,
): Promise<void> {
  const evidence: Evidence = {
    ...finding,
    id: digestUuid(`statement|${connection.id}|${rowKey(finding)}|${finding.says}`),
    source: "statement",
    strength: "statement",
    callbackId: null,
    reading: 1,
    learntAt: at,
  };
  try {
    const settled = await settler.settle(connection.shard, settleItem(connection, { evidence: [evidence] }));
    if (settled.finished) countStatementRow(counter, settled.transactionIds);
  } catch (error) {
    if (isUnavailable(error)) throw error;
    counter.errors += 1;
    const fields = { err: error, connection_id: publicId("connection", connection.id) };
    log.error(fields, "row of a statement not settled: the database rejected it");
  }
}
