import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { startContestants, stopContestants, takeTurn } from "./contestants.ts";
import type { BenchOptions } from "./options.ts";
import { serverEnv } from "./setup.ts";

/** The program with the largest file: Node, its pools, and what an import holds. */
const residentMbMax = 512;

/** Imports a statement of so many unknown payments (`--transactions`), and prints time and resident memory. */
export async function benchStatement(databaseUrl: string, { transactions }: BenchOptions): Promise<void> {
  const [hakika] = await startContestants(["hakika"], { databaseUrl, merchantUrl: "http://127.0.0.1:9" }, null);
  try {
    await takeTurn(hakika!, async () => {
      const url = `http://127.0.0.1:${hakika!.child.port}`;
      const merchant = await call(url, "POST", "/v1/merchants", { name: "Bench" });
      const body = { merchant_id: merchant.id, provider: "daraja", environment: "sandbox" };
      const connection = await call(url, "POST", "/v1/connections", body);
      const columns = encodeURIComponent('{"receipt":"R","completed_at":"T","amount":"A"}');
      const startedMs = performance.now();
      const { id } = await upload(
        `${url}/v1/statements?connection_id=${connection.id}&columns=${columns}`,
        transactions,
      );
      console.log(`uploaded ${transactions} lines in ${secondsSince(startedMs)} s`);
      let statement = await call(url, "GET", `/v1/statements/${id}`);
      while (statement.state === "importing") {
        await pause(1_000);
        statement = await call(url, "GET", `/v1/statements/${id}`);
      }
      const s = secondsSince(startedMs);
      const mb = peakMb(hakika!.child.process.pid!);
      console.log(`${statement.state} in ${s} s: ${JSON.stringify(statement.counts)}`);
      console.log(`${Math.round(transactions / s)} lines a second; resident at most ${mb} MB (bound ${residentMbMax})`);
      if (statement.counts.new !== transactions || mb > residentMbMax) process.exitCode = 1;
    });
  } finally {
    await stopContestants([hakika!]);
  }
}

const secondsSince = (ms: number) => Math.round((performance.now() - ms) / 100) / 10;

const authorization = `Bearer ${serverEnv.HAKIKA_ADMIN_KEY}`;

// biome-ignore lint/suspicious/noExplicitAny: answers of any call.
async function call(url: string, method: string, path: string, body?: unknown): Promise<any> {
  const headers = { authorization, ...(body !== undefined && { "content-type": "application/json" }) };
  const response = await fetch(url + path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return await response.json();
}

async function upload(url: string, lines: number): Promise<{ id: string }> {
  const init = { method: "POST", headers: { authorization, "content-type": "text/csv" }, duplex: "half" };
  const response = await fetch(url, { ...init, body: ReadableStream.from(fileOf(lines)) } as RequestInit);
  if (response.status !== 202) throw new Error(`upload: ${response.status} ${await response.text()}`);
  return (await response.json()) as { id: string };
}

/** Some 38 bytes a line: a million lines are below 50 MiB. */
function* fileOf(lines: number): Generator<Uint8Array> {
  yield Buffer.from("R,T,A\n");
  for (let from = 0; from < lines; from += 1_000) {
    const rows = Array.from({ length: Math.min(1_000, lines - from) }, (_, i) => {
      const n = from + i;
      const at = new Date(Date.UTC(2025, 0, 1) + n * 1_000).toISOString().slice(0, 19).replace("T", " ");
      return `T${n.toString(36).toUpperCase().padStart(9, "0")},${at},50\n`;
    });
    yield Buffer.from(rows.join(""));
  }
}

/** The most memory that a process had at a time, from /proc; 0 where there is none. */
function peakMb(pid: number): number {
  try {
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) / 1024);
  } catch {
    return 0;
  }
}
