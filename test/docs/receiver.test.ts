import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { newWebhookSecret, signWebhook } from "../../src/egress/webhook.ts";
import { root } from "../architecture/sources.ts";
import { freePort } from "./started.ts";

const order = {
  registered: true,
  reference: "ORDER-1",
  amount: "50.00",
  currency: "KES",
  provider_refs: { receipt: "TJIKQ7V33N" },
};

test("regression: the README's receiver fulfils what was registered and paid in full, and nothing that only says so", async () => {
  const { post, printed } = await started();
  const cases: [type: string, environment: string, more: object, verdict: string][] = [
    ["payment.completed", "sandbox", {}, "fulfil"],
    ["payment.completed", "sandbox", { amount: "1.00" }, "do not fulfil"],
    ["payment.completed", "sandbox", { currency: "UGX" }, "do not fulfil"],
    ["payment.completed", "sandbox", { registered: false }, "do not fulfil"],
    ["payment.completed", "sandbox", { reference: "ORDER-2" }, "do not fulfil"],
    ["payment.completed", "production", {}, "do not fulfil"],
    ["payment.failed", "sandbox", {}, "do not fulfil"],
    ["payment.partially_refunded", "sandbox", {}, "do not fulfil"],
  ];
  for (const [type, environment, more, verdict] of cases) {
    const transaction = { ...order, ...more };
    expect(await post({ type, data: { environment, transaction } })).toBe(204);
    const { reference, amount, currency } = transaction;
    expect(await printed()).toBe(`${type} ${reference} ${amount} ${currency} TJIKQ7V33N ${verdict}`);
  }
  expect(await post({ type: "endpoint.test", data: { environment: "sandbox" } })).toBe(204);
});

/** The receiver, on a port of its own. `printed` resolves to its next line. */
async function started() {
  const [port, secret] = [await freePort(), newWebhookSecret()];
  const program = readFileSync(path.join(root, "docs/examples/receiver.mjs"), "utf8").replace(
    'listen(9090, "127.0.0.1")',
    `listen(${port}, "127.0.0.1", () => console.log("listening"))`,
  );
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: root,
    env: { ...process.env, WEBHOOK_SECRET: secret },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const printed = async () => (await lines.next()).value as string | undefined;
  expect(await printed()).toBe("listening");
  return {
    printed,
    async post(event: object) {
      const body = JSON.stringify(event);
      const timestampS = Math.floor(Date.now() / 1000);
      const headers = signWebhook({ id: "evt_1", timestampS, body, secrets: [secret] });
      return (await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body })).status;
    },
  };
}
