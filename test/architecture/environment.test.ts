import { expect, test } from "vitest";
import { sourcesIn } from "./sources.ts";

/**
 * The one other place, and why: PostgreSQL's programs are children, and a child needs PATH and the system's own few
 * names. None of them configures Hakika, so none of them belongs in its table of variables.
 */
const handsOnToChildren = "src/embedded-postgres/run.ts";

test("the environment is read in one place", () => {
  const reading = sourcesIn("src").filter(({ text }) => /process\.env|process\["env"\]|import\.meta\.env/.test(text));
  expect(reading.map(({ file }) => file)).toEqual(["src/app/config.ts", handsOnToChildren]);
});

test("what is handed on to children configures nothing", () => {
  const [run] = sourcesIn("src/embedded-postgres", /^run\.ts$/);
  expect(run!.text).toContain('const kept = ["PATH", "TMPDIR", "TEMP", "TMP", "SystemRoot"] as const;');
});

test("nothing prints but the command line: rooms have a logger", () => {
  const printing = sourcesIn("src").filter(
    ({ file, text }) => !file.startsWith("src/cli/") && /\bconsole\.\w+\(|process\.std(out|err)/.test(text),
  );
  expect(printing.map(({ file }) => file)).toEqual([]);
});
