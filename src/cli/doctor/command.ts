import { Command } from "commander";
import { type Config, loadConfig } from "../../app/config.ts";
import type { Sql } from "../../database/connect.ts";
import type { SecretBox } from "../../database/encryption.ts";
import { openInstallationKey } from "../../database/installation-key.ts";
import { isUnavailable } from "../../database/unavailable.ts";
import { vaultKeyName } from "../../database/vault/vault.ts";
import { openCliDatabase } from "../database.ts";
import { printJson, printLine } from "../print.ts";
import { withResource } from "../with-resource.ts";
import { sealedAuditKey } from "./audit-store.ts";
import { checkAttention } from "./check-attention.ts";
import { checkAudit } from "./check-audit.ts";
import { checkKeys } from "./check-keys.ts";
import { checkQueues } from "./check-queues.ts";
import { checkClock, checkDisk, checkPartitions, checkServer, checkSpool, checkWarnings } from "./checks.ts";
import { type DoctorFinding, note, problem } from "./finding.ts";
import { checkInvariants } from "./invariants.ts";

/** The result of a check. `said` is a line for people. */
type CheckResult = { check: string; findings: DoctorFinding[]; said?: string };

/**
 * `hakika doctor`: lists problems and what to do about them, without changing anything. Exit code 1 where there are
 * any.
 */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("checks configuration, database, queues and invariants (exit code 1 on problems)")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      const results = await runChecks(options.json !== true && process.stderr.isTTY);
      const problems = results.flatMap(({ findings }) => findings).filter(({ level }) => level === "problem");
      if (options.json) printJson({ healthy: problems.length === 0, checks: results });
      else printLine(textOf(results, problems.length));
      if (problems.length > 0) process.exitCode = 1;
    });
}

async function runChecks(showProgress: boolean): Promise<CheckResult[]> {
  const loaded = loadConfig();
  if (!loaded.ok) {
    return [
      {
        check: "configuration",
        findings: loaded.problems.map(each =>
          problem(each, "see the table of environment variables in the documentation"),
        ),
      },
    ];
  }
  const { config } = loaded;
  const local: CheckResult[] = [
    { check: "configuration", findings: checkWarnings(config) },
    { check: "spool", findings: checkSpool(config) },
    { check: "disk", findings: checkDisk(config) },
  ];
  try {
    return await withResource(
      () => openCliDatabase(config),
      async ({ sql }) => [...local, ...(await checkDatabase(config, sql, showProgress))],
    );
  } catch (error) {
    const what = error instanceof Error ? error.message || String((error as { code?: string }).code) : String(error);
    // PostgreSQL's own codes have five characters: the server responded.
    const answered = /^[0-9A-Z]{5}$/.test((error as { code?: string }).code ?? "");
    const todo =
      isUnavailable(error) && !answered ? whereToLook(config) : "this is the reason; report it if it is unclear";
    return [...local, { check: "database", findings: [problem(what, todo)] }];
  }
}

function whereToLook({ databaseUrl }: Config): string {
  return databaseUrl === null
    ? "see postgres/server.log in the data folder"
    : "check DATABASE_URL, and that its server runs";
}

async function checkDatabase(
  config: Config,
  sql: Parameters<typeof checkServer>[0],
  showProgress: boolean,
): Promise<CheckResult[]> {
  const server = await checkServer(sql);
  const database = { check: "database", findings: server };
  // Without tables there is nothing more to check.
  if (server.length > 0) return [database];
  const [clock, partitions, queues, attention] = await Promise.all([
    checkClock(sql),
    checkPartitions(sql),
    checkQueues(sql),
    checkAttention(sql),
  ]);
  const { findings: keys, box } = await checkKeys(config, sql);
  const before: CheckResult[] = [
    database,
    { check: "clock", findings: clock },
    { check: "partitions", findings: partitions },
    { check: "keys", findings: keys },
    { check: "queues", findings: queues },
    { check: "attention", findings: attention },
  ];
  if (keys.some(({ level }) => level === "problem")) {
    const notChecked = [note("not checked", "first fix the keys")];
    return [...before, { check: "audit", findings: notChecked }, { check: "invariants", findings: notChecked }];
  }
  await unlockVault(sql, box);
  const audit = await checkAudit(sql, box);
  const { findings, transactions } = await checkInvariants(sql, box, count => {
    if (showProgress) process.stderr.write(`\r${count} transactions checked   `);
  });
  if (showProgress && transactions > 0) process.stderr.write("\n");
  return [
    ...before,
    { check: "audit", findings: audit.findings, said: `${audit.entries} entries follow from one another` },
    { check: "invariants", findings, said: `${transactions} transactions recomputed from their evidence` },
  ];
}

function textOf(results: CheckResult[], problems: number): string {
  const lines = results.flatMap(({ check, findings, said }) => {
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
    problems === 0 ? "No problems." : `${problems} ${problems === 1 ? "problem" : "problems"}.`,
  ].join("\n");
}

/** A database from before personal data was sealed has no key, and nothing sealed with it. */
async function unlockVault(sql: Sql, box: SecretBox): Promise<void> {
  const sealed = await sealedAuditKey(sql, vaultKeyName);
  if (sealed !== null) sql.vault.unlock(openInstallationKey(box, vaultKeyName, sealed));
}
