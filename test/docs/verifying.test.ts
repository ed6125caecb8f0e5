import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { newWebhookSecret, signWebhook } from "../../src/egress/webhook.ts";
import { root } from "../architecture/sources.ts";
import { newDataFolder } from "../support/data-folder.ts";
import { freePort } from "./started.ts";

type Runtime = { file: string; version: string[]; start: (file: string, port: number) => string[] };

const runtimes = {
  Node: { file: "verify.mjs", version: [process.execPath, "--version"], start: file => [process.execPath, file] },
  Python: { file: "verify.py", version: ["python3", "--version"], start: file => ["python3", file] },
  PHP: {
    file: "verify.php",
    version: ["php", "--version"],
    start: (file, port) => ["php", "-S", `127.0.0.1:${port}`, file],
  },
  Go: { file: "verify.go", version: ["go", "version"], start: file => ["go", "run", file] },
} satisfies Record<string, Runtime>;

const page = readFileSync(path.join(root, "docs/verifying.md"), "utf8");
const body = JSON.stringify({ id: "evt_1", type: "payment.completed", data: { note: "malipo ya Njeri, €5" } });

const running: ChildProcess[] = [];
afterEach(() => {
  // The group: `go run` has a child of its own.
  for (const child of running.splice(0)) process.kill(-child.pid!, "SIGKILL");
});

describe.each(Object.entries(runtimes) as [string, Runtime][])("the program in %s", (name, runtime) => {
  const isHere = spawnSync(runtime.version[0]!, runtime.version.slice(1)).status === 0;
  if (!isHere) console.warn(`LEFT OUT: there is no ${name} here, so its program in docs/verifying.md was not run.`);

  test.skipIf(!isHere)(`takes what is genuine and fresh, and nothing else (${name})`, async () => {
    const secret = newWebhookSecret();
    const url = await started(runtime, secret);
    const now = Math.floor(Date.now() / 1000);
    const signed = (secrets: string[], timestampS = now) => signWebhook({ id: "evt_1", timestampS, body, secrets });
    const post = async (headers: Record<string, string>, text = body) =>
      (await fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: text }))
        .status;

    expect(await post(signed([secret]))).toBe(204);
    expect(await post(signed([newWebhookSecret(), secret]))).toBe(204);
    expect(await post(signed([newWebhookSecret()]))).toBe(400);
    expect(await post(signed([secret]), body.replace("payment", "payout"))).toBe(400);
    expect(await post(signed([secret], now - 3600))).toBe(400);
    expect(await post(signed([secret], now + 3600))).toBe(400);
    expect(await post({ ...signed([secret]), "webhook-id": "evt_2" })).toBe(400);
    expect(await post({ ...signed([secret]), "webhook-timestamp": "soon" })).toBe(400);
    expect(await post({})).toBe(400);
    expect(await post(signed([secret]))).toBe(204);
  });
});

/** The page's program, on a port of its own; answers its URL once it listens. */
async function started(runtime: Runtime, secret: string): Promise<string> {
  const folder = newDataFolder();
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const file = path.join(folder, runtime.file);
  writeFileSync(file, programOf(runtime.file).replaceAll("9090", String(port)));
  const [command, ...args] = runtime.start(file, port);
  const env = { ...process.env, WEBHOOK_SECRET: secret };
  const child = spawn(command!, args, { cwd: folder, env, stdio: "ignore", detached: true });
  running.push(child);
  // A stranger's program has no other way to say that it listens.
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`${runtime.file} ended with ${child.exitCode}`);
    await pause(50);
  }
  return `http://127.0.0.1:${port}/`;
}

function programOf(file: string): string {
  const found = new RegExp(`^\`\`\`\\w+ ${file.replace(".", "\\.")}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(page);
  if (!found) throw new Error(`docs/verifying.md has no ${file}`);
  return found[1]!;
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
