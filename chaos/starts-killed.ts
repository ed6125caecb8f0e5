import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { simulateKyanda } from "../src/providers/kyanda/simulator/server.ts";
import { programOf } from "./program.ts";
import { randomOf } from "./random.ts";

/** What the program said of the orders, and what did not hold. `states`: how many ended in each state of a start. */
export type KilledStarts = { orders: number; kills: number; states: Record<string, number>; problems: string[] };

type Settings = {
  databaseUrl: string;
  folder: string;
  orders: number;
  seed: number;
  env?: Record<string, string>;
  say?: (line: string) => void;
};

/** Orders under way when the program is killed. */
const atOnce = 10;
/** Kills fall into this many times the time that ten orders take after a start when nothing kills them. */
const windowShare = 1.3;
const adminKey = "hka_an-admin-key-for-killed-starts-00000000";
const secretKey = Buffer.alloc(32, 7).toString("base64");

type Started = { id: string; status: string; start: { state: string } | null };

/**
 * Starts payouts, ten at a time, and kills the program at a random point of them; then the next ten with the program
 * started again. At the end every key is sent once more: the provider was asked once at most for each, an order that
 * it took is accepted or unknown, and none is without a fate.
 */
export async function playKilledStarts(settings: Settings): Promise<KilledStarts> {
  const { databaseUrl, folder, seed, say = () => {} } = settings;
  const random = randomOf(seed);
  const kyanda = await simulateKyanda();
  mkdirSync(path.join(folder, "program", "data"), { recursive: true, mode: 0o700 });
  const program = programOf(await freePort(), path.join(folder, "program"), {
    DATABASE_URL: databaseUrl,
    HAKIKA_ADMIN_KEY: adminKey,
    HAKIKA_SECRET_KEY: secretKey,
    HAKIKA_EGRESS_ALLOW: "127.0.0.0/8",
    HAKIKA_RECONCILE_CRON: "off",
    HAKIKA_LIMIT_CALLS_PER_S: "10000",
    LOG_LEVEL: "warn",
    ...settings.env,
  });
  const problems: string[] = [];
  let kills = 0;
  try {
    await program.start();
    const connection = await connect(program.url, kyanda.url);
    const order = (n: number) => send(program.url, connection, n);
    // As after every kill: the first orders of a process take longest.
    const calmMs = performance.now();
    await Promise.all(Array.from({ length: atOnce }, (_, i) => order(settings.orders + i)));
    const windowMs = Math.ceil((performance.now() - calmMs) * windowShare);
    say(`ten orders took ${Math.round(windowMs / windowShare)} ms`);
    for (let first = 0; first < settings.orders; first += atOnce) {
      const numbers = Array.from({ length: Math.min(atOnce, settings.orders - first) }, (_, i) => first + i);
      const sent = numbers.map(n => pause(random.whole(0, 30)).then(() => order(n).catch(() => null)));
      await pause(random.whole(0, windowMs));
      await program.kill9();
      kills += 1;
      await Promise.all(sent);
      await program.start();
      if (program.endedByItself()) throw new Error(`the program did not start:\n${program.logEnd()}`);
      if (kills % 20 === 0) say(`${first + numbers.length} orders, ${kyanda.starts.taken.length} calls`);
    }
    const states: Record<string, number> = {};
    for (let n = 0; n < settings.orders; n += 1) {
      const calls = callsOf(kyanda.starts.taken, n);
      const before = calls;
      const { answer, problem } = await fateOf(() => order(n));
      if (answer === null) {
        problems.push(`order ${n}: ${problem}`);
        continue;
      }
      const state = answer.start?.state ?? "none";
      states[state] = (states[state] ?? 0) + 1;
      const after = callsOf(kyanda.starts.taken, n);
      if (after > 1) problems.push(`order ${n} was sent ${after} times`);
      if (before === 1 && state === "refused") problems.push(`order ${n} was taken, and is refused`);
      if (state === "accepted" && after !== 1) problems.push(`order ${n} is accepted, and was sent ${after} times`);
      if (!["accepted", "refused", "unknown"].includes(state)) problems.push(`order ${n} has no fate: ${state}`);
    }
    return { orders: settings.orders, kills, states, problems };
  } finally {
    await program.kill9();
    await kyanda.close();
  }
}

/** Each order has an amount of its own, by which the provider's calls are told apart. */
const amountOf = (n: number) => String(n + 1);
const callsOf = (taken: readonly { body: Record<string, unknown> }[], n: number) =>
  taken.filter(({ body }) => (body.destination as { amount?: string }).amount === amountOf(n)).length;

/** A key whose call died is free again after 15 s at most. */
async function fateOf(ask: () => Promise<{ status: number; text: string }>) {
  for (const until = Date.now() + 20_000; ; ) {
    const { status, text } = await ask();
    if (status === 201 || status === 202) return { answer: JSON.parse(text) as Started, problem: "" };
    if (status !== 409 || Date.now() > until) return { answer: null, problem: `${status} ${text}` };
    await pause(500);
  }
}

async function connect(url: string, providerUrl: string): Promise<string> {
  const post = async (at: string, body: object): Promise<{ id: string }> => {
    const headers = { authorization: `Bearer ${adminKey}`, "content-type": "application/json" };
    const answer = await fetch(url + at, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${at}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  };
  const merchant = await post("/v1/merchants", { name: "Killed starts" });
  const credentials = { merchant_id: "MERCHANT", api_key: "api-key" };
  const account = { provider: "kyanda", environment: "sandbox", credentials, base_url: providerUrl };
  return (await post("/v1/connections", { merchant_id: merchant.id, ...account })).id;
}

async function send(url: string, connection_id: string, n: number): Promise<{ status: number; text: string }> {
  const body = {
    ...{ connection_id, kind: "mobile_payout", reference: `ORDER-${n}`, phone: "+254711000001" },
    ...{ amount: amountOf(n), options: { initiator_name: "Asha Juma" } },
  };
  const answer = await fetch(`${url}/v1/payouts`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${adminKey}`,
      "content-type": "application/json",
      "idempotency-key": `key-${n}`,
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  return port;
}
