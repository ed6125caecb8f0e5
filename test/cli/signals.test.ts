import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { root } from "../architecture/sources.ts";
import { withoutServer } from "../docs/started.ts";
import { newDataFolder } from "../support/data-folder.ts";

const patienceMs = 120_000;

/** Starts in a process group of its own, and resolves once the log says so. */
async function begin(
  command: string,
  args: string[],
): Promise<{ child: ChildProcess; said: () => string; pid: number }> {
  const env = { ...withoutServer(), HAKIKA_DATA_DIR: newDataFolder(), PORT: "0", LOG_LEVEL: "info" };
  const child = spawn(command, args, { cwd: root, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  const started = new Promise<number>((resolve, reject) => {
    child.stdout!.on("data", chunk => {
      text += chunk;
      const found = /"pid":(\d+)[^\n]*"msg":"started"/.exec(text);
      if (found) resolve(Number(found[1]));
    });
    child.once("exit", code => reject(new Error(`ended with ${code} instead of starting: ${text}`)));
  });
  child.stderr!.resume();
  const pid = await started;
  return { child, said: () => text, pid };
}

// `--ignore-scripts` leaves out the building before, which would change files under the feet of other tests.
const npmStart = ["start", "--ignore-scripts"];

test("SIGTERM to npm start reaches the program: it drains, and npm ends with 0", { timeout: patienceMs }, async () => {
  const { child, said } = await begin("npm", npmStart);
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
  expect(said()).toMatch(/"msg":"stopped"/);
});

test("a signal that arrives twice, sent to the whole process group, does not end the draining", {
  timeout: patienceMs,
}, async () => {
  const { child, said } = await begin("npm", npmStart);
  const exit = once(child, "exit");
  process.kill(-child.pid!, "SIGINT");
  expect(await exit).toEqual([0, null]);
  expect(said().match(/"msg":"stopping/g)).toHaveLength(1);
});

test("where the shell of npx ends on a signal, the program behind it stops too", { timeout: patienceMs }, async () => {
  const { child, said, pid } = await begin("npx", ["hakika", "start"]);
  child.kill("SIGTERM");
  try {
    await expect.poll(said, { timeout: 30_000 }).toMatch(/"msg":"stopped"/);
  } finally {
    if (!/"msg":"stopped"/.test(said())) process.kill(pid, "SIGKILL");
  }
});
