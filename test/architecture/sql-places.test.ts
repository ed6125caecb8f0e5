import { expect, test } from "vitest";
import { sourcesIn } from "./sources.ts";

/**
 * One step's whole work to a file, its only statement or two among it: a store beside each would hide more than it
 * shows.
 */
const wholeInOneFile = [
  "src/deliver/commands/disable.ts",
  "src/deliver/commands/recover.ts",
  "src/deliver/commands/replay.ts",
  "src/deliver/commands/retry.ts",
  "src/reconcile/calls/provider-account.ts",
];

/** Asking the database's clock and nothing else is no statement about anything. */
const statement =
  /(?:\b(?:sql|tx|Sql)\b(?:<[^`]*?>)?`\s*|\.unsafe\(\s*[`"']\s*)(?:select|insert|update|delete|with|create|alter|drop|lock|set|truncate|copy)\b(?! [^`]*\b(?:now|clock_timestamp)\(\)\)? as now`)/i;

test("statements stand in store files and in the database's own room", () => {
  const elsewhere = sourcesIn("src")
    .filter(({ file }) => !/(^|[/-])store\.ts$/.test(file) && !/^src\/(database|embedded-postgres)\//.test(file))
    .filter(({ text }) => statement.test(text))
    .map(({ file }) => file);
  expect(elsewhere.filter(file => !wholeInOneFile.includes(file))).toEqual([]);
});

test("the files with a statement of their own that are listed here still have one", () => {
  const has = new Set(
    sourcesIn("src")
      .filter(({ text }) => statement.test(text))
      .map(({ file }) => file),
  );
  expect(wholeInOneFile.filter(file => !has.has(file))).toEqual([]);
});

test("every statement that takes locks names its shard by equality", () => {
  // A cluster refuses FOR UPDATE over several shards; one shard is always fine.
  const claims = sourcesIn("src").flatMap(({ file, text }) =>
    [...text.matchAll(/\bfor (?:no key )?update\b(?! (?:set|on)\b)/gi)]
      .filter(match => !isComment(text, match.index))
      .map(match => ({ file, statement: statementBefore(text, match.index) })),
  );
  expect(claims.length).toBeGreaterThan(5);
  const unnamed = claims.filter(({ statement }) => !/\bshard = \$\{\w*[sS]hard\w*(?:\.\w+)?\}/.test(statement));
  expect(unnamed).toEqual([]);
});

/** From the `select` whose lock this is. */
function statementBefore(text: string, index: number): string {
  const before = text.slice(0, index);
  return before.slice(before.toLowerCase().lastIndexOf("select "));
}

function isComment(text: string, index: number): boolean {
  const line = text.slice(text.lastIndexOf("\n", index) + 1, index);
  return /^\s*(\/\/|--|\*|\/\*)/.test(line) || line.includes(" -- ");
}
