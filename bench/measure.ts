import type { Sql } from "../src/database/connect.ts";
import { cpuSeconds, postgresCpuSeconds, residentMb } from "./child.ts";
import type { Contestant } from "./contestants.ts";
import { percentile, runLoad } from "./load.ts";
import type { Merchant } from "./merchant.ts";
import { stkBody } from "./setup.ts";

export type Load = { total: number; connections: number; rate?: number };

/**
 * One turn: payments a second and ms from the callback to the merchant's answer, or to the answer of the callback where
 * the system tells nobody; CPU seconds for 1,000 of program and database; MB.
 */
export type Turn = { perSecond: number; p50: number; p99: number; program: number; database: number; mb: number };

let runs = 0;

/** Sends a load to a system, and waits until every payment has been told. `sql`: any database of the server. */
export async function measure(sql: Sql, contestant: Contestant, merchant: Merchant, load: Load): Promise<Turn> {
  const { child, path, tells } = contestant;
  runs += 1;
  const name = `r${runs}`;
  const pid = child.process.pid!;
  const sentAt = new Float64Array(load.total);
  const before = { program: cpuSeconds(pid), database: await postgresCpuSeconds(sql) };
  const startedMs = performance.now();
  const told = tells ? merchant.expect(name, load.total) : null;
  const answered = await runLoad({
    ...{ port: child.port, path, ...load },
    bodyOf: n => stkBody(`ws_CO_${name}_${n}`, n),
    onSent: n => {
      sentAt[n] = performance.now();
    },
  });
  if (answered.failures > 0) throw new Error(`${contestant.name}: ${answered.failures} callbacks were refused`);
  const ways = told === null ? answered.latenciesMs : (await told).map((at, n) => at - sentAt[n]!).sort();
  const seconds = (performance.now() - startedMs) / 1000;
  const per1000 = (cpuS: number) => (cpuS / load.total) * 1000;
  return {
    perSecond: load.total / seconds,
    p50: percentile(ways, 0.5),
    p99: percentile(ways, 0.99),
    program: per1000(cpuSeconds(pid) - before.program),
    database: per1000((await postgresCpuSeconds(sql)) - before.database),
    mb: residentMb(pid),
  };
}

export function printTurn(name: string, what: string, turn: Turn): void {
  console.log(
    `${name.padEnd(24)} ${what.padEnd(8)} ${turn.perSecond.toFixed(0).padStart(6)}/s  p50 ${turn.p50.toFixed(2)} ms  ` +
      `p99 ${turn.p99.toFixed(2)} ms  CPU s per 1,000: ${turn.program.toFixed(3)} + ${turn.database.toFixed(3)} database  ` +
      `${turn.mb.toFixed(0)} MB`,
  );
}
