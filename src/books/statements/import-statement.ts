import type { Logger } from "pino";
import type { Directory } from "../../connections/directory.ts";
import { receiversOf } from "../../connections/receiver.ts";
import type { Sql } from "../../database/connect.ts";
import type { SecretBox } from "../../database/encryption.ts";
import { countryOf } from "../../providers/kit/country.ts";
import { readEastAfricaTime } from "../../providers/kit/east-africa-time.ts";
import { plainMeaning } from "../../providers/kit/statement-meaning.ts";
import { currencyOf } from "../../providers/names.ts";
import type { Provider } from "../../providers/provider.ts";
import type { Preamble } from "../../providers/statement.ts";
import type { Settler } from "../../settle/settler.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { type ImportClaim, keepSettledRows } from "./claim-store.ts";
import { fileParts } from "./file-parts.ts";
import { finishImport } from "./finish-store.ts";
import { type JudgedStatement, judgeLines } from "./judge-lines.ts";
import { csvRows } from "./read/csv-rows.ts";
import { namedFormat } from "./read/header.ts";
import type { StatementLine } from "./read/line.ts";
import { readStatement, type StatementPart } from "./read/read-statement.ts";
import { type FileRow, UnreadableFile } from "./read/rows.ts";
import { xlsxRows } from "./read/xlsx-rows.ts";
import { type StatementAccount, settleLines } from "./settle-lines.ts";
import type { Counts } from "./statement-row.ts";
import { createSums } from "./sums.ts";

export type ImportDeps = {
  sql: Sql;
  box: SecretBox;
  directory: Pick<Directory, "byId">;
  providers: ReadonlyMap<string, Provider>;
  settler: Settler;
  telemetry: Telemetry;
  log: Logger;
  now(): Date;
};

/** Lines that are judged and settled together. */
const batchLines = 500;

export type ImportOutcome = { kind: "imported"; counts: Counts; addsUp: boolean | null } | { kind: "lost" };

/**
 * Imports a statement, batch after batch: the file is read from its beginning, and what an earlier import settled is
 * only added up. Throws `UnreadableFile` where the file is none that can be imported.
 */
export async function importStatement(deps: ImportDeps, claim: ImportClaim): Promise<ImportOutcome> {
  const account = await accountOf(deps, claim);
  const { connection, provider } = account;
  const currency = currencyOf(provider, connection);
  if (currency === null) throw new UnreadableFile("the connection's currency is not known: set settings.country");
  const statement = { shard: claim.shard, statementId: claim.id, connectionId: connection.id, currency };
  if (claim.settledRows === 0) await readToItsEnd(deps, claim);
  const parts = readParts(deps, claim, account, currency);
  const preamble = await preambleOf(parts, account);
  const sums = createSums(preamble, currency);
  const late: StatementLine[] = [];
  let lastSeq = 0;
  const run = async (lines: StatementLine[], settledRows: number) =>
    await importBatch(deps, { account, statement, claim, sums }, lines, settledRows);
  let batch: StatementLine[] = [];
  for await (const part of parts) {
    if (part.kind === "preamble") continue;
    lastSeq = Math.max(lastSeq, part.line.seq);
    // A reversal that names no payment gives back that of its own receipt, which may stand below it.
    if (part.line.isReadable && part.line.nature === "reversal" && part.line.reverses === undefined)
      late.push(part.line);
    else batch.push(part.line);
    if (batch.length < batchLines) continue;
    if (!(await run(batch, lastSeq))) return { kind: "lost" };
    batch = [];
  }
  if (batch.length > 0 && !(await run(batch, lastSeq))) return { kind: "lost" };
  if (late.length > 0 && !(await run(late, 0))) return { kind: "lost" };
  const result = sums.result();
  const counts = await finishImport(deps.sql, claim, {
    ...{ connectionId: connection.id, currency, sums: result, lastSeq },
    problems: result.addsUp === false ? ["the balances and the lines do not add up"] : [],
  });
  return counts === null ? { kind: "lost" } : { kind: "imported", counts, addsUp: result.addsUp };
}

type Run = {
  account: StatementAccount;
  statement: JudgedStatement;
  claim: ImportClaim;
  sums: ReturnType<typeof createSums>;
};

/** Judges, settles and adds up a batch; false where another process has the import. */
async function importBatch(
  deps: ImportDeps,
  { account, statement, claim, sums }: Run,
  lines: StatementLine[],
  settledRows: number,
): Promise<boolean> {
  const judged = await judgeLines(deps.sql, statement, lines);
  for (const each of judged) sums.add(each);
  if (settledRows > 0 && lines.at(-1)!.seq <= claim.settledRows) return true;
  await settleLines(deps, account, statement, judged, deps.now());
  return await keepSettledRows(deps.sql, claim, Math.max(settledRows, claim.settledRows));
}

async function accountOf({ directory, providers }: ImportDeps, claim: ImportClaim): Promise<StatementAccount> {
  const connection = await directory.byId(claim.shard, claim.connectionId);
  const provider = connection && providers.get(connection.provider);
  if (!connection || !provider) throw new UnreadableFile("the connection is gone, or this version lacks its provider");
  return { connection, provider };
}

/** Of a file that cannot be read to its end no line counts: it is read once before the first one does. */
async function readToItsEnd(deps: ImportDeps, { shard, id }: ImportClaim): Promise<void> {
  for await (const _ of readRows(() => fileParts(deps, { shard, statementId: id }))) {
    // Reading is the check.
  }
}

function readParts(
  { sql, box }: ImportDeps,
  { shard, id, columns }: ImportClaim,
  { connection, provider }: StatementAccount,
  currency: string,
): AsyncGenerator<StatementPart> {
  const formats = columns === null ? (provider.statement?.formats ?? []) : [namedFormat(columns)];
  return readStatement(
    readRows(() => fileParts({ sql, box }, { shard, statementId: id })),
    { formats, named: columns },
    {
      currency,
      country: countryOf(connection, "KE"),
      readTime: readEastAfricaTime,
      meaning: provider.statement?.meaning ?? plainMeaning(provider.kinds),
    },
  );
}

/** A workbook is an archive, which begins with `PK`; it is read in memory, a CSV part by part. */
async function* readRows(file: () => AsyncGenerator<Buffer>): AsyncGenerator<FileRow> {
  const { value: start } = await file().next();
  const isArchive = start?.subarray(0, 4).equals(Buffer.from("PK\u0003\u0004"));
  if (!isArchive) return yield* csvRows(file());
  const parts: Buffer[] = [];
  for await (const part of file()) parts.push(part);
  yield* xlsxRows(Buffer.concat(parts));
}

/** What stands above the lines, checked: a statement of another account is none of this connection's. */
async function preambleOf(parts: AsyncGenerator<StatementPart>, account: StatementAccount): Promise<Preamble> {
  const { value } = await parts.next();
  const preamble = value?.kind === "preamble" ? value.preamble : {};
  const own = receiversOf(account.provider, account.connection);
  const { receiver } = preamble;
  if (receiver === undefined || own === null || own.has(receiver.toLowerCase())) return preamble;
  throw new UnreadableFile(
    `the statement is of ${receiver}, and this connection's is ${[...own].join(", ")}: ` +
      "if both are yours, add it to settings.receivers, and upload the file again",
  );
}
