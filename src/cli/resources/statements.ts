import { createReadStream, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Command } from "commander";
import type { z } from "zod";
import type { lineSchema } from "../../api/statements/line-json.ts";
import type { statementSchema } from "../../api/statements/statement-json.ts";
import { verdicts } from "../../books/statements/statement-row.ts";
import type { ApiClient, ResultPage } from "../api-client.ts";
import { apiCommand, commandGroup } from "../api-command.ts";
import { idOf } from "../arguments.ts";
import { callApi } from "../call-api.ts";
import { connectApi } from "../connect-api.ts";
import { pageFlags, pageQuery, pageText } from "../page.ts";
import { printJson, printLine } from "../print.ts";
import { openProgress } from "../progress.ts";
import { readableTime } from "../readable.ts";
import { factsOf } from "../table.ts";
import { withResource } from "../with-resource.ts";

type Statement = z.output<typeof statementSchema>;
type Line = z.output<typeof lineSchema>;

const askEveryMs = 300;

/** `hakika statements`: the provider's statements against what is known here. */
export function statementsCommand(): Command {
  return commandGroup("statements", "providers' statements, compared with what is known here", [
    importCommand(),
    apiCommand<Statement>({
      name: "show",
      description: "shows a statement with its report",
      arguments: [{ name: "<statement>", description: "its id (stm_...)", parse: idOf("statement") }],
      request: (_options, id) => ({ method: "GET", path: `/v1/statements/${id}` }),
      text: statementText,
      succeeded: ({ state }) => state !== "failed",
    }),
    apiCommand<ResultPage<Line>>({
      name: "lines",
      description: "lists a statement's lines with their verdicts",
      arguments: [{ name: "<statement>", description: "its id (stm_...)", parse: idOf("statement") }],
      flags: [{ flags: "--verdict <verdict>", description: "with this verdict", choices: verdicts }, ...pageFlags],
      request: (o, id) => ({
        method: "GET",
        path: `/v1/statements/${id}/lines`,
        query: { ...pageQuery(o), verdict: o.verdict },
      }),
      text: page => pageText(page, lineColumns, "none"),
    }),
  ]);
}

const lineColumns = [
  { heading: "LINE", of: (line: Line) => line.line, right: true },
  { heading: "VERDICT", of: (line: Line) => line.verdict },
  { heading: "RECEIPT", of: (line: Line) => line.receipt },
  { heading: "COMPLETED (UTC)", of: (line: Line) => readableTime(line.completed_at) },
  { heading: "AMOUNT", of: (line: Line) => line.amount, right: true },
  { heading: "PROBLEM", of: (line: Line) => line.problem },
];

function importCommand(): Command {
  return new Command("import")
    .description("imports a statement (CSV or XLSX), and shows its report (exit code 1 where it failed)")
    .argument("<file>", "the file as it was downloaded")
    .requiredOption("--connection <id>", "the connection that it is of (con_...)", idOf("connection"))
    .option("--columns <json>", "names of the columns by what they hold, for other banks' files")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  hakika statements import ORG_600100_Utility.csv --connection con_...")
    .action(async (file: string, options: { connection: string; columns?: string; json?: boolean }) => {
      await withResource(
        // Where no server runs, this process imports it.
        () => connectApi(() => ({ roles: new Set(["receiver", "worker"] as const), reconcileCron: null })),
        async api => {
          const statement = await importFile(api, file, options);
          if (options.json) printJson(statement);
          else printLine(statementText(statement));
          if (statement.state === "failed") process.exitCode = 1;
        },
      );
    });
}

async function importFile(
  api: ApiClient,
  path: string,
  { connection, columns }: { connection: string; columns?: string },
): Promise<Statement> {
  const bytes = statSync(path).size;
  const progress = openProgress();
  const stream = createReadStream(path);
  let sent = 0;
  stream.on("data", chunk => {
    sent += chunk.length;
    progress.show("uploading", sent / Math.max(bytes, 1));
  });
  const isWorkbook = /\.xlsx$/i.test(path);
  const type = isWorkbook ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" : "text/csv";
  try {
    const { id } = await callApi<{ id: string }>(api, {
      method: "POST",
      path: "/v1/statements",
      query: { connection_id: connection, columns },
      file: { stream, bytes, type },
    });
    for (;;) {
      const statement = await callApi<Statement>(api, { method: "GET", path: `/v1/statements/${id}` });
      if (statement.state !== "importing") return statement;
      progress.show(`importing: ${statement.lines_done} lines`, null);
      await pause(askEveryMs);
    }
  } finally {
    progress.end();
  }
}

function statementText(statement: Statement): string {
  const { counts, period, currency } = statement;
  const money = (amount: string | null) => (amount === null ? null : `${currency} ${amount}`);
  const addsUp = { true: "yes", false: "NO", null: null }[String(statement.adds_up)];
  return factsOf({
    statement: statement.id,
    state: statement.state,
    problems: statement.problems.join("\n"),
    period: period.from === null ? null : `${readableTime(period.from)} to ${readableTime(period.to)} UTC`,
    opening: money(statement.opening_balance),
    "paid in": money(statement.paid_in),
    withdrawn: money(statement.withdrawn),
    closing: money(statement.closing_balance),
    "adds up": addsUp,
    ...Object.fromEntries(verdicts.map(verdict => [verdict, counts[verdict]])),
  });
}
