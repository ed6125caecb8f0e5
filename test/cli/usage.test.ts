import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { commandLine } from "../../src/cli/main.ts";
import { unreachableUrls } from "../../src/cli/start.ts";
import { newDataFolder } from "../support/data-folder.ts";
import { runHakika } from "./run-hakika.ts";

describe("a usage error ends with 2, and says what is valid", () => {
  test.each([
    [["nonsense"], "unknown command"],
    [[], "Usage: hakika"],
    [["transactions", "show", "foo"], "txn_ and 32 hex digits"],
    [["callbacks", "list", "--limit", "0"], "from 1 to 200"],
    [["endpoints", "create"], "required option"],
    [["replay", "end_0199f3b0c4d17a3e8f0a1b2c3d4e5f60"], "--after"],
    [["simulate", "unknown", "nothing"], "daraja, codian, kyanda"],
    [["reconcile", "--audit"], "an audit needs --audit, --finished-after and --finished-before"],
    [["reconcile", "--share", "0.1"], "an audit needs --audit, --finished-after and --finished-before"],
    [["reconcile", "--share", "2"], "Write a share"],
    [["simulate", "daraja", "nothing"], "stk-success"],
    [["simulate", "kyanda", "ussd-completed", "--chaos"], "for callbacks"],
  ])("%j", { timeout: 60_000 }, async (args, words) => {
    const { code, err } = await runHakika(args);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(words) });
  });
});

/** Commands that do something; groups of them only hold others. */
function leaves(command: Command): Command[] {
  const below = command.commands.flatMap(leaves);
  return command.name() === "start" || below.length === 0 ? [command, ...below] : below;
}

test("every command of the contract exists, has help, and prints JSON", async () => {
  const program = await commandLine();
  expect(program.commands.map(command => command.name())).toEqual([
    "start",
    "migrate",
    "reconcile",
    "backup",
    "restore",
    "doctor",
    "merchants",
    "operators",
    "privacy",
    "connections",
    "endpoints",
    "transactions",
    "statements",
    "totals",
    "export",
    "callbacks",
    "deliveries",
    "alerts",
    "search",
    "listen",
    "replay",
    "simulate",
    "keys",
    "completion",
  ]);
  for (const command of leaves(program)) {
    expect(command.helpInformation()).toContain("Usage: hakika");
    expect(command.description(), command.name()).not.toBe("");
    expect(command.helpInformation(), command.name()).toContain("--json");
  }
});

test("a configuration with problems lists all of them, and ends with 1", { timeout: 60_000 }, async () => {
  const wrong = { PORT: "many", LOG_LEVEL: "loud" };
  const listed = await runHakika(["merchants", "list"], wrong);
  expect(listed).toMatchObject({ code: 1, err: expect.stringMatching(/PORT: [\s\S]*LOG_LEVEL: /) });
  const doctor = await runHakika(["doctor", "--json"], wrong);
  expect(doctor.code).toBe(1);
  expect(JSON.parse(doctor.out)).toMatchObject({ healthy: false, checks: [{ findings: [{ level: "problem" }, {}] }] });
});

test("a start on all addresses warns that callback URLs need a public one", () => {
  expect(unreachableUrls({ host: "0.0.0.0", publicUrlIsDefault: true })).toEqual([
    expect.stringContaining("HAKIKA_PUBLIC_URL is not set"),
  ]);
  expect(unreachableUrls({ host: "0.0.0.0", publicUrlIsDefault: false })).toEqual([]);
  expect(unreachableUrls({ host: "127.0.0.1", publicUrlIsDefault: true })).toEqual([]);
});

test("the overview describes every command as the command itself does", async () => {
  const overview = await commandLine(() => false);
  expect(overview.helpInformation()).toBe((await commandLine()).helpInformation());
});

test("regression: --version and --help load no room of the program: with all of them they cost thirteen times node -e 0", async () => {
  for (const flag of ["--version", "--help"]) {
    const coverage = newDataFolder();
    expect((await runHakika([flag], { NODE_V8_COVERAGE: coverage })).code).toBe(0);
    const [report] = readdirSync(coverage);
    const { result } = JSON.parse(readFileSync(path.join(coverage, report!), "utf8")) as { result: { url: string }[] };
    const loaded = result.map(({ url }) => url).filter(url => url.startsWith("file:"));
    const sources = loaded.map(url => readFileSync(fileURLToPath(url), "utf8"));
    const rooms = sources.flatMap(text => text.match(/^\/\/ src\/\S+$/gm) ?? []);
    expect([...new Set(rooms)].sort()).toEqual([
      "// src/cli/commands.ts",
      "// src/cli/main.ts",
      "// src/cli/visible.ts",
      "// src/package-folder.ts",
      "// src/version.ts",
    ]);
    expect(sources.join("").length).toBeLessThan(200_000);
  }
});
