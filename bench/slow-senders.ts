import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { loadConfig } from "../src/app/config.ts";
import { startHakika } from "../src/main.ts";
import { serverEnv, stkBody } from "./setup.ts";

const senders = 200;
const turns = 5;
const callbacksPerTurn = 300;
const atOnce = 4;

/**
 * What 200 connections that hang cost the callbacks of others: each has sent a request's headers and half of its body,
 * and sends nothing more. Turns with them and without them alternate; only the ratio counts.
 */
export async function benchSlowSenders(databaseUrl: string): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "hakika-bench-slow-"));
  const loaded = loadConfig({ ...serverEnv, DATABASE_URL: databaseUrl, HAKIKA_DATA_DIR: dataDir });
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  const signal = new AbortController().signal;
  const running = await startHakika(loaded.config, { log: pino({ level: "silent" }), signal });
  try {
    const url = await callbackUrl(running.url);
    await turn(url, "warm");
    const times: Record<"usual" | "beside", number[]> = { usual: [], beside: [] };
    for (let at = 0; at < turns; at += 1) {
      times.usual.push(...(await turn(url, `usual-${at}`)));
      const hanging = await Promise.all(Array.from({ length: senders }, () => hang(url)));
      times.beside.push(...(await turn(url, `beside-${at}`)));
      for (const socket of hanging) socket.destroy();
    }
    for (const share of [0.5, 0.99]) {
      const [usual, beside] = [quantile(times.usual, share), quantile(times.beside, share)];
      const figures = `${usual.toFixed(1)} ms usually, ${beside.toFixed(1)} ms beside ${senders} that hang`;
      const verdict = beside <= 2 * usual ? "reached" : "NOT reached";
      console.log(`p${share * 100}: ${figures}: ${(beside / usual).toFixed(2)} times (at most 2: ${verdict})`);
    }
  } finally {
    await running.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function callbackUrl(base: string): Promise<string> {
  const post = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${serverEnv.HAKIKA_ADMIN_KEY}`, "content-type": "application/json" };
    const answer = await fetch(base + path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as { id: string; callback_urls: { stk: string } };
  };
  const { id: merchant_id } = await post("/v1/merchants", { name: "bench" });
  const connection = { merchant_id, provider: "daraja", environment: "sandbox" };
  return (await post("/v1/connections", connection)).callback_urls.stk;
}

/** Milliseconds of each callback. */
async function turn(url: string, name: string): Promise<number[]> {
  const times: number[] = [];
  let sent = 0;
  const send = async () => {
    while (sent < callbacksPerTurn) {
      sent += 1;
      const body = stkBody(`ws_CO_${name}_${sent}`, sent);
      const startedMs = performance.now();
      const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`a callback was answered ${answer.status}`);
      times.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, send));
  return times;
}

async function hang(url: string): Promise<Socket> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  await new Promise(resolve => socket.once("connect", resolve));
  const head = ["content-type: application/json", "content-length: 1000", `host: ${hostname}`].join("\r\n");
  socket.write(`POST ${pathname} HTTP/1.1\r\n${head}\r\n\r\n${"{".padEnd(500)}`);
  return socket;
}

function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))]!;
}
