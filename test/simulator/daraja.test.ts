import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { daraja } from "../../src/providers/daraja/daraja.ts";
import { simulateDaraja } from "../../src/providers/daraja/simulator/server.ts";
import type { DarajaOptions } from "../../src/providers/daraja/simulator/state.ts";
import { parseBody } from "../../src/providers/kit/parse-body.ts";
import { accountOf, questionOf, sendTo } from "../providers/poll-over-http.ts";
import { readWith } from "../providers/read-channel.ts";

const now = new Date("2025-10-18T20:30:26.000Z");
const payout = {
  outcome: "completed" as const,
  steps: [],
  amount: "1500",
  phone: "254712345678",
  receipt: "TJIKQ7V33N",
};

async function simulated(options: DarajaOptions = {}) {
  const server = await simulateDaraja(options);
  onTestFinished(server.close);
  return server;
}

/** Where results are posted: resolves with the first body. */
async function resultUrl() {
  let heard: (body: string) => void;
  const first = new Promise<string>(resolve => {
    heard = resolve;
  });
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", chunk => (text += chunk));
    request.on("end", () => {
      response.end("{}");
      heard(text);
    });
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/result`, first };
}

/** What the channel `result` makes of a body, and `conclude` of that. */
function concluded(text: string) {
  const parsed = parseBody(new TextEncoder().encode(text), "application/json", false);
  if (parsed.kind !== "object") throw new Error(text);
  const reading = readWith(daraja.channels.result!, parsed.value);
  if (reading.kind !== "evidence") throw new Error(reading.kind);
  return { finding: reading.findings[0], answer: daraja.status!.readDeferredAnswer!(reading.findings[0]) };
}

async function askAboutPayout(options: DarajaOptions, known: boolean) {
  const server = await simulated(options);
  const { url, first } = await resultUrl();
  if (known) server.ledger.add("TJIKQ7V33N", { ...payout });
  const account = accountOf({ callbackUrls: { result: url, timeout: url } });
  const question = questionOf({ ...account, kind: "b2c", refs: { receipt: "TJIKQ7V33N" } });
  const answer = await daraja.status!.poll(question, sendTo(server.url, daraja, account));
  return { asked: answer, ...concluded(await first) };
}

test("the answer to a transaction status query comes later, under the conversation it was promised", async () => {
  const { asked, finding, answer } = await askAboutPayout({}, true);
  expect(asked).toEqual({ kind: "deferred", conversation: finding.identity });
  expect(answer).toEqual({ kind: "evidence", findings: [finding] });
  expect(finding).toMatchObject({
    says: "completed",
    answersQuestion: true,
    refs: { receipt: "TJIKQ7V33N" },
    amount: { minor: 150000n, currency: "KES" },
  });
});

test("a receipt that Daraja does not know settles nothing", async () => {
  const { asked, answer } = await askAboutPayout({}, false);
  expect([asked.kind, answer.kind]).toEqual(["deferred", "not-yet"]);
});

test("a wrong initiator is accepted, and its result stops the asking", async () => {
  const { asked, answer } = await askAboutPayout({ isCredential: () => false }, true);
  expect([asked.kind, answer.kind]).toEqual(["deferred", "stop"]);
});

test("a new token makes the last one useless", async () => {
  const server = await simulated();
  const account = accountOf();
  server.ledger.add("ws_CO_1", { ...payout });
  const question = questionOf({ ...account, kind: "stk_push", refs: { checkout_request_id: "ws_CO_1" } });
  const [first, second] = [sendTo(server.url, daraja, account), sendTo(server.url, daraja, account)];
  expect((await daraja.status!.poll(question, first)).kind).toBe("evidence");
  expect((await daraja.status!.poll(question, second)).kind).toBe("evidence");
  expect(await daraja.status!.poll(question, first)).toMatchObject({ kind: "credentials-refused", token: true });
  expect(server.tokens.issued()).toBe(2);
  server.tokens.invalidate();
  expect(await daraja.status!.poll(question, second)).toMatchObject({ kind: "credentials-refused", token: true });
  expect(server.calls.map(call => call.what)).toEqual(["token", "status", "token", "status", "status", "status"]);
});

test("more calls than the limit get spike arrest", async () => {
  const server = await simulated({ limit: { callsMax: 2, inMs: 60_000 }, expiresInAsText: true });
  const account = accountOf();
  server.ledger.add("ws_CO_1", { ...payout });
  const question = questionOf({ ...account, kind: "stk_push", refs: { checkout_request_id: "ws_CO_1" } });
  const send = sendTo(server.url, daraja, account);
  const kinds = [];
  for (let call = 0; call < 4; call += 1) kinds.push((await daraja.status!.poll(question, send)).kind);
  expect(kinds).toEqual(["evidence", "evidence", "throttled", "throttled"]);
});

test("a wrong passkey is refused", async () => {
  const server = await simulated();
  const account = accountOf({ credentials: { passkey: "another" } });
  const question = questionOf({ ...account, kind: "stk_push", refs: { checkout_request_id: "ws_CO_1" } });
  const answer = await daraja.status!.poll(question, sendTo(server.url, daraja, account));
  expect(answer).toMatchObject({ kind: "credentials-refused", token: false });
});

test("statements are paged through to the end", async () => {
  const server = await simulated({ pageRows: 100 });
  const account = accountOf({ now });
  const at = (minute: number) => new Date(now.getTime() - minute * 60_000);
  for (let n = 0; n < 250; n += 1) {
    server.statements.push({
      receipt: `TJI${String(n).padStart(7, "0")}X`,
      at: at(n % 50),
      amount: "10.00",
      reference: `ORDER-${n}`,
    });
  }
  server.statements.push({ receipt: "TJIOLD", at: at(600), amount: "10.00" });
  const send = sendTo(server.url, daraja, account);
  const receipts = new Set<string>();
  const sizes: number[] = [];
  for (let offset: number | null = 0; offset !== null; ) {
    const page = await daraja.pull!.page(account, { from: at(60), to: now }, offset, send);
    if (page.kind !== "page") throw new Error(page.kind);
    for (const finding of page.findings) receipts.add(finding.refs.receipt!);
    sizes.push(page.rows);
    offset = page.nextOffset;
  }
  expect(sizes).toEqual([100, 100, 50, 0]);
  expect(receipts.size).toBe(250);
});

test("C2B URLs are registered once in production, and pull transactions everywhere", async () => {
  const server = await simulated({ registersOnce: true });
  const account = accountOf({ environment: "production" });
  const send = sendTo(server.url, daraja, account);
  const [c2b, pull] = daraja.register!;
  expect((await c2b!.run(account, send)).kind).toBe("registered");
  expect((await c2b!.run(account, send)).kind).toBe("already-registered");
  expect((await pull!.run(account, send)).kind).toBe("registered");
  expect((await pull!.run(account, send)).kind).toBe("already-registered");
});
