import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../architecture/sources.ts";
import { newDataFolder } from "../support/data-folder.ts";
import { type ShellBlock, shapeOf, shellBlocks } from "./shell-blocks.ts";
import { freePort, type Started, startProgram, withoutServer } from "./started.ts";

/** Between the outputs of two blocks. */
const separator = "\u001e";

let program: Started;
beforeAll(async () => {
  program = await startProgram();
});
afterAll(() => program?.stop());

test("the README's first event happens as it says, on a server just started", async () => {
  expectStartToPrintWhatTheReadmeSays();
  const blocks = shellBlocks("README.md", "first event");
  expect(blocks.length).toBeGreaterThan(5);
  const printed = await runInOneShell(blocks, await freePort());
  for (const [i, block] of blocks.entries()) {
    if (block.printed !== null) expect(shapeOf(printed[i] ?? "")).toBe(shapeOf(block.printed));
  }
});

test("the README's simulation prints what the page shows, without a server running", async () => {
  const block = shellBlocks("README.md").find(({ script }) => script.includes("simulate"));
  const script = block!.script.replaceAll("npx hakika", `'${process.execPath}' bin/hakika.js`);
  const printed = await inBash(script, { ...withoutServer(), HAKIKA_DATA_DIR: newDataFolder() });
  // Settling, delivering and verifying are told as they are seen; which of two is seen first is chance.
  expect(shapeOf(printed).split("\n").sort()).toEqual(shapeOf(block!.printed!).split("\n").sort());
});

function expectStartToPrintWhatTheReadmeSays(): void {
  const start = shellBlocks("README.md").find(({ script }) => script.includes("npm start"));
  // The page shows a terminal. Elsewhere the key is not printed, only where it is.
  const keyLine = /^Admin key: .*$/m;
  const printed = program.printed();
  expect(printed.match(keyLine)?.[0]).toBe(`Admin key:  in ${path.join(program.dataDir, "admin.key")}`);
  expect(shapeOf(printed.replace(keyLine, ""))).toBe(shapeOf(start!.printed!.replace(keyLine, "")));
}

/** The blocks one after the other in one bash, with this run's ports and folders in place of the page's. */
async function runInOneShell(blocks: ShellBlock[], receiverPort: number): Promise<string[]> {
  const receiver = readFileSync(path.join(root, "docs/examples/receiver.mjs"), "utf8");
  const script = blocks
    .map(({ script }) => `${script}printf '${separator}'\n`)
    .join("")
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${program.port}`)
    .replaceAll("127.0.0.1:9090", `127.0.0.1:${receiverPort}`)
    .replaceAll("/tmp/received.log", path.join(program.dataDir, "received.log"))
    .replaceAll("data/admin.key", path.join(program.dataDir, "admin.key"))
    .replaceAll(
      "node docs/examples/receiver.mjs",
      `node --input-type=module --eval '${receiver.replace("listen(9090", `listen(${receiverPort}`)}'`,
    );
  const printed = await inBash(`trap 'kill $(jobs -p)' EXIT\nset -eu\n${script}`, withoutServer());
  return printed.split(separator);
}

async function inBash(script: string, env: NodeJS.ProcessEnv): Promise<string> {
  const bash = spawn("bash", ["-c", script], { cwd: root, env });
  let printed = "";
  let complaints = "";
  bash.stdout.on("data", chunk => (printed += chunk));
  bash.stderr.on("data", chunk => (complaints += chunk));
  const status = await new Promise<number | null>(resolve => bash.once("close", resolve));
  expect({ status, complaints: complaints.replace(/^bash: .*(Terminated|job control).*\n/gm, "") }).toEqual({
    status: 0,
    complaints: "",
  });
  return printed;
}
