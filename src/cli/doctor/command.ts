import { Command } from "commander";
import { type Config, loadConfig } from "../../app/config.ts";
import { isUnavailable } from "../../database/unavailable.ts";
import { openCliDatabase } from "../database.ts";
import { printJson, printLine } from "../print.ts";
import { withResource } from "../with-resource.ts";
import { checkAttention } from "./check-attention.ts";
import { checkKeys } from "./check-keys.ts";
import { checkQueues } from "./check-queues.ts";
import { checkClock, checkDisk, checkPartitions, checkServer, checkSpool, checkWarnings } from "./checks.ts";
import { type DoctorFinding, note, problem } from "./finding.ts";
import { checkInvariants } from "./invariants.ts";

type Checked = { check: string; findings: DoctorFinding[]; said?: string };

/** `hakika doctor`: whether all is well, and what to do where it is not. Reads only; exit 1 with a list of problems. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("checks configuration, database, queues and invariants (exit 1 with what to do)")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      const checked = await examine(options.json !== true && process.stderr.isTTY);
      const problems = checked.flatMap(({ findings }) => findings).filter(({ level }) => level === "problem");
      if (options.json) printJson({ healthy: problems.length === 0, checks: checked });
      else printLine(textOf(checked, problems.length));
      if (problems.length > 0) process.exitCode = 1;
    });
}

async function examine(showProgress: boolean): Promise<Checked[]> {
  const loaded = loadConfig();
  if (!loaded.ok) {
    return [
      {
        check: "configuration",
        findings: loaded.problems.map(each =>
          problem(each, "the table of variables in the documents says what it takes"),
        ),
      },
    ];
  }
  const { config } = loaded;
  const first: Checked[] = [
    { check: "configuration", findings: checkWarnings(config) },
    { check: "spool", findings: checkSpool(config) },
    { check: "disk", findings: checkDisk(config) },
  ];
  try {
    return await withResource(
      () => openCliDatabase(config),
      async ({ sql }) => [...first, ...(await examineDatabase(config, sql, showProgress))],
    );
  } catch (error) {
    const what = error instanceof Error ? error.message || String((error as { code?: string }).code) : String(error);
    // PostgreSQL's own codes have five signs: it answered, so it is there.
    const answered = /^[0-9A-Z]{5}$/.test((error as { code?: string }).code ?? "");
    const todo =
      isUnavailable(error) && !answered
        ? where(config)
        : "what it says is the reason; where that is no help, report it";
    return [...first, { check: "database", findings: [problem(what, todo)] }];
  }
}

function where({ databaseUrl }: Config): string {
  return databaseUrl === null
    ? "see server.log in the data folder's postgres"
    : "check DATABASE_URL, and that its server runs";
}

async function examineDatabase(
  config: Config,
  sql: Parameters<typeof checkServer>[0],
  showProgress: boolean,
): Promise<Checked[]> {
  const server = await checkServer(sql);
  const database = { check: "database", findings: server };
  // Without the tables there is nothing to look at.
  if (server.length > 0) return [database];
  const [clock, partitions, queues, attention] = await Promise.all([
    checkClock(sql),
    checkPartitions(sql),
    checkQueues(sql),
    checkAttention(sql),
  ]);
  const { findings: keys, box } = await checkKeys(config, sql);
  const before: Checked[] = [
    database,
    { check: "clock", findings: clock },
    { check: "partitions", findings: partitions },
    { check: "keys", findings: keys },
    { check: "queues", findings: queues },
    { check: "attention", findings: attention },
  ];
  if (keys.some(({ level }) => level === "problem")) {
    return [...before, { check: "invariants", findings: [note("not looked at", "put the keys right first")] }];
  }
  const { findings, examined } = await checkInvariants(sql, box, count => {
    if (showProgress) process.stderr.write(`\r${count} transactions examined   `);
  });
  if (showProgress && examined > 0) process.stderr.write("\n");
  return [
    ...before,
    { check: "invariants", findings, said: `${examined} transactions decided again from their evidence` },
  ];
}

function textOf(checked: Checked[], problems: number): string {
  const lines = checked.flatMap(({ check, findings, said }) => {
    const isBad = findings.some(({ level }) => level === "problem");
    return [
      `${isBad ? "PROBLEM" : "ok     "}  ${check}${said === undefined ? "" : `: ${said}`}`,
      ...findings.map(
        ({ level, what, todo }) => `         ${level === "problem" ? "!" : "-"} ${what}\n           ${todo}`,
      ),
    ];
  });
  return [
    ...lines,
    "",
    problems === 0 ? "All is well." : `${problems} ${problems === 1 ? "problem" : "problems"}.`,
  ].join("\n");
}
