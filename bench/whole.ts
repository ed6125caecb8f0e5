import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectHot } from "../src/database/connect.ts";
import { migrate } from "../src/database/migrate.ts";
import { cpuSeconds, postgresCpuSeconds, residentMb, startHakika } from "./child.ts";
import { percentile, runLoad } from "./load.ts";
import { makeShop, serverEnv, stkBody } from "./setup.ts";

const full = { total: 24_000, connections: 64 } as const;
const tenth = { total: 2_000, connections: 16, rate: 200 } as const;

/**
 * The whole way: from the provider's request to the merchant's 2xx. First as fast as callbacks are taken, then at 200 a
 * second. Load, merchant, Hakika and PostgreSQL share the machine.
 */
export async function benchWhole(databaseUrl: string): Promise<void> {
  await migrate(databaseUrl);
  const sql = connectHot(databaseUrl, { applicationName: "bench", max: 2 });
  const merchant = await startMerchant();
  const shop = await makeShop(sql, [`http://127.0.0.1:${merchant.port}/hook`]);
  const hakika = await startHakika({
    ...serverEnv,
    DATABASE_URL: databaseUrl,
    HAKIKA_DATA_DIR: mkdtempSync(join(tmpdir(), "hakika-bench-")),
  });
  const path = `/in/daraja/${shop.token}/stk`;
  const run = async (name: string, load: { total: number; connections: number; rate?: number }) => {
    const sentAt = new Float64Array(load.total);
    const cpu = cpuSeconds(hakika.process.pid!);
    const postgresCpu = await postgresCpuSeconds(sql);
    const loadCpu = process.cpuUsage();
    const per1000 = (cpuS: number) => ((cpuS / load.total) * 1000).toFixed(2);
    const started = performance.now();
    const arrived = merchant.expect(name, load.total);
    const answered = await runLoad({
      port: hakika.port,
      path,
      ...load,
      bodyOf: n => stkBody(`ws_CO_${name}_${n}`, n),
      onSent: n => {
        sentAt[n] = performance.now();
      },
    });
    const arrivals = await arrived;
    const seconds = (performance.now() - started) / 1000;
    const ways = arrivals.map((at, n) => at - sentAt[n]!).sort();
    console.log(
      `${name.padEnd(10)} ${(load.total / seconds).toFixed(0).padStart(5)}/s whole way (callbacks answered at ${answered.perSecond.toFixed(0)}/s)  ` +
        `p50 ${percentile(ways, 0.5).toFixed(1)} ms  p99 ${percentile(ways, 0.99).toFixed(1)} ms  ` +
        `CPU per 1,000: ${per1000(cpuSeconds(hakika.process.pid!) - cpu)} s, PostgreSQL ` +
        `${per1000((await postgresCpuSeconds(sql)) - postgresCpu)} s, load and merchant ${per1000(cpuOf(loadCpu))} s  resident ${residentMb(hakika.process.pid!).toFixed(0)} MB  repeats ${merchant.repeats()}`,
    );
  };
  try {
    await run("warm", { total: 2_000, connections: 64 });
    await run("full", full);
    await run("tenth", tenth);
  } finally {
    await hakika.stop();
    merchant.close();
    await sql.end();
  }
}

function cpuOf(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

/** A merchant that answers 200 at once and notes when the first event of each payment arrives. */
async function startMerchant() {
  let name = "";
  let arrivals = new Float64Array(0);
  let left = 0;
  let repeated = 0;
  let done: (arrivals: Float64Array) => void = () => {};
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("latin1");
    request.on("data", chunk => {
      body += chunk;
    });
    request.on("end", () => {
      response.end();
      const match = /"checkout_request_id":"ws_CO_([a-z]+)_(\d+)"/.exec(body);
      if (match?.[1] !== name) return;
      const n = Number(match[2]);
      if (arrivals[n] !== 0) {
        repeated += 1;
        return;
      }
      arrivals[n] = performance.now();
      left -= 1;
      if (left === 0) done(arrivals);
    });
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    expect(run: string, count: number): Promise<Float64Array> {
      name = run;
      arrivals = new Float64Array(count);
      left = count;
      return new Promise(resolve => {
        done = resolve;
      });
    },
    repeats: () => repeated,
    close: () => server.close(),
  };
}
