import { spawnSync } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import { runHakika } from "./run-hakika.ts";

let script: string;
beforeAll(async () => {
  const { code, out } = await runHakika(["completion", "bash"]);
  expect(code).toBe(0);
  script = out;
});

/** What bash offers where these words stand, the last one unfinished. */
function offered(...words: string[]): string[] {
  const line = `${script}
COMP_WORDS=(hakika "$@"); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _hakika; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync("bash", ["-c", line, "bash", ...words], { encoding: "utf8" });
  expect([stderr, status]).toEqual(["", 0]);
  return stdout.trim().split("\n").filter(Boolean);
}

const hasBash = spawnSync("bash", ["--version"]).status === 0;

test.skipIf(!hasBash)("bash completes commands, their commands, flags, and the values of flags", () => {
  expect(offered("mer")).toEqual(["merchants"]);
  expect(offered("callbacks", "")).toEqual(expect.arrayContaining(["list", "show", "reprocess"]));
  expect(offered("callbacks", "list", "--st")).toEqual(["--state"]);
  expect(offered("callbacks", "list", "--state", "q")).toEqual(["quarantined"]);
  expect(offered("--json", "listen", "--forward-to", "http://x", "--m")).toEqual(["--merchant"]);
  expect(offered("completion", "f")).toEqual(["fish"]);
  expect(offered("nothing-like-it")).toEqual([]);
});

test("the scripts of zsh and fish have every command, and no quote that is left open", async () => {
  const zsh = await runHakika(["completion", "zsh"]);
  expect(zsh.out).toContain("bashcompinit");
  const fish = await runHakika(["completion", "fish"]);
  for (const name of ["merchants", "listen", "doctor", "completion"]) expect(fish.out).toContain(`-a '${name}'`);
  for (const line of fish.out.trim().split("\n"))
    expect((line.replaceAll("'\\''", "").match(/'/g) ?? []).length % 2, line).toBe(0);
  const unknown = await runHakika(["completion", "csh"]);
  expect(unknown.code).toBe(2);
});
