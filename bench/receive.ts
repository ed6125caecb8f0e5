import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectHot, type Sql } from "../src/database/connect.ts";
import { migrate } from "../src/database/migrate.ts";
import { type Child, cpuSeconds, postgresCpuSeconds, residentMb, startChild, startHakika } from "./child.ts";
import { type LoadResult, percentile, runLoad } from "./load.ts";
import { makeShop, serverEnv, stkBody } from "./setup.ts";

const connections = 64;
const total = 16_000;
const rounds = 7;

/** Receive and the plain handler in turns on one database: requests a second, latencies, CPU of the server process. */
export async function benchReceive(databaseUrl: string): Promise<void> {
  await migrate(databaseUrl);
  const sql = connectHot(databaseUrl, { applicationName: "bench", max: 2 });
  const shop = await makeShop(sql);
  const plain = await startChild([process.execPath, "--import", "tsx", "bench/servers/plain.ts"], {
    DATABASE_URL: databaseUrl,
  });
  const hakika = await startHakika({
    ...serverEnv,
    DATABASE_URL: databaseUrl,
    HAKIKA_ROLES: "receiver",
    HAKIKA_DATA_DIR: mkdtempSync(join(tmpdir(), "hakika-bench-")),
  });
  const path = `/in/daraja/${shop.token}/stk`;
  console.log(
    `Receive, ${connections} connections, ${total} callbacks of ${stkBody("ws_CO_x", 1).length} bytes a round, ${rounds} rounds in turns`,
  );
  try {
    const ratios: number[] = [];
    await one(sql, plain, "/in", 4_000, "warm-a");
    await one(sql, hakika, path, 4_000, "warm-b");
    for (let round = 1; round <= rounds; round += 1) {
      const a = await one(sql, plain, "/in", total, `plain-${round}`);
      const b = await one(sql, hakika, path, total, `hakika-${round}`);
      print("plain handler", a);
      print("hakika", b);
      ratios.push(b.result.perSecond / a.result.perSecond);
    }
    const sorted = [...ratios].sort((a, b) => a - b);
    console.log(
      `ratio hakika / plain: ${ratios.map(r => r.toFixed(2)).join(", ")}; median ${percentile(sorted, 0.5).toFixed(2)} (aim: >= 2)`,
    );
    for (const child of [plain, hakika]) {
      const lone = await runLoad({
        port: child.port,
        path: child === plain ? "/in" : path,
        connections: 1,
        total: 2_000,
        bodyOf: n => stkBody(`ws_CO_lone_${child.port}_${n}`, n),
      });
      console.log(
        `one connection, ${child === plain ? "plain handler" : "hakika"}: ${lone.perSecond.toFixed(0)}/s, p50 ${percentile(lone.latenciesMs, 0.5).toFixed(2)} ms`,
      );
    }
    console.log(
      `resident: hakika ${residentMb(hakika.process.pid!).toFixed(0)} MB, plain ${residentMb(plain.process.pid!).toFixed(0)} MB`,
    );
    const [row] = await sql<{ n: bigint }[]>`select count(*) as n from callbacks`;
    console.log(`callbacks stored: ${row!.n}`);
  } finally {
    await Promise.all([plain.stop(), hakika.stop()]);
    await sql.end();
  }
}

async function one(sql: Sql, child: Child, path: string, count: number, run: string): Promise<Round> {
  const pid = child.process.pid!;
  const before = { server: cpuSeconds(pid), postgres: await postgresCpuSeconds(sql) };
  const result = await runLoad({
    port: child.port,
    path,
    connections,
    total: count,
    bodyOf: n => stkBody(`ws_CO_${run}_${n}`, n),
  });
  const per1000 = (seconds: number) => (seconds / count) * 1000;
  return {
    result,
    serverCpu: per1000(cpuSeconds(pid) - before.server),
    postgresCpu: per1000((await postgresCpuSeconds(sql)) - before.postgres),
  };
}

/** CPU in s for 1,000 requests. */
type Round = { result: LoadResult; serverCpu: number; postgresCpu: number };

function print(name: string, { result, serverCpu, postgresCpu }: Round): void {
  const { perSecond, latenciesMs, failures } = result;
  console.log(
    `${name.padEnd(14)} ${perSecond.toFixed(0).padStart(6)}/s  p50 ${percentile(latenciesMs, 0.5).toFixed(1)} ms  ` +
      `p99 ${percentile(latenciesMs, 0.99).toFixed(1)} ms  CPU per 1,000: ${serverCpu.toFixed(3)} s, PostgreSQL ${postgresCpu.toFixed(3)} s${failures ? `  FAILURES ${failures}` : ""}`,
  );
}
