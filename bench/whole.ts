import { connectHot } from "../src/database/connect.ts";
import { type Contestant, startContestants, stopContestants, takeTurn } from "./contestants.ts";
import { type Load, measure, printTurn, type Turn } from "./measure.ts";
import { startMerchant } from "./merchant.ts";
import type { BenchOptions } from "./options.ts";
import { median, medianRatio, printVerdicts, type Verdict } from "./verdicts.ts";

const fullTotal = 6_000;
const connections = 64;
/** Payments a second of the gentle loads, most merchants' whole life, and for how many seconds. */
const gentle = { rates: [50, 100, 200], seconds: 8 } as const;

/**
 * The whole way, from the provider's request to the merchant's 2xx: Hakika, what people write themselves, the floor
 * below which nothing can be, and an earlier commit. Load, merchant, systems and PostgreSQL share the machine.
 */
export async function benchWhole(databaseUrl: string, options: BenchOptions): Promise<void> {
  const { rounds, share, before } = options;
  const sql = connectHot(databaseUrl, { applicationName: "bench", max: 1 });
  const merchant = await startMerchant();
  const own = ["hakika", ...(before ? ["before"] : [])];
  const names = ["plain", "do-it-yourself", "do-it-yourself, batched", "floor", ...own];
  const contestants = await startContestants(names, { databaseUrl, merchantUrl: merchant.url }, before);
  const turns = new Map<string, Map<string, Turn[]>>();
  const loads = loadsOf(share);
  const rates = [...loads.keys()].join(", ");
  console.log(`Whole way, ${rates}; ${connections} connections, ${rounds} rounds`);
  const one = async (contestant: Contestant, what: string, load: Load, counts: boolean) => {
    const turn = await takeTurn(contestant, () => measure(sql, contestant, merchant, load));
    if (!counts) return;
    printTurn(contestant.name, what, turn);
    const ofLoad = turns.get(what) ?? new Map<string, Turn[]>();
    ofLoad.set(contestant.name, [...(ofLoad.get(contestant.name) ?? []), turn]);
    turns.set(what, ofLoad);
  };
  try {
    for (const contestant of contestants) await one(contestant, "warm", { total: 2_000 * share, connections }, false);
    for (let round = 0; round < rounds; round += 1) {
      for (const [what, load] of loads) for (const contestant of contestants) await one(contestant, what, load, true);
    }
  } finally {
    await stopContestants(contestants);
    merchant.close();
    await sql.end();
  }
  printVerdicts(verdictsOf(turns, before?.commit ?? null));
}

function loadsOf(share: number): Map<string, Load> {
  const gentleLoads = gentle.rates.map((rate): [string, Load] => [
    `${rate}/s`,
    { total: rate * gentle.seconds * share, connections: 16, rate },
  ]);
  return new Map([["full", { total: fullTotal * share, connections }], ...gentleLoads]);
}

function verdictsOf(turns: Map<string, Map<string, Turn[]>>, before: string | null): Verdict[] {
  const ratio = (load: string, to: string, value: (turn: Turn) => number) =>
    medianRatio(turns.get(load)!, "hakika", to, value);
  const cpu = ({ program, database }: Turn) => program + database;
  const resident = median(
    turns
      .get("full")!
      .get("hakika")!
      .map(turn => turn.mb),
  );
  return [
    { aim: "whole way: to do-it-yourself", measured: ratio("full", "do-it-yourself", t => t.perSecond), atLeast: 8 },
    { aim: "whole way: to batched", measured: ratio("full", "do-it-yourself, batched", t => t.perSecond), atLeast: 2 },
    {
      aim: "whole way: to plain, which only receives",
      measured: ratio("full", "plain", t => t.perSecond),
      atLeast: 0.5,
    },
    { aim: "p50 at 50/s to the floor", measured: ratio("50/s", "floor", t => t.p50), atMost: 2 },
    { aim: "p99 at 50/s to the floor", measured: ratio("50/s", "floor", t => t.p99), atMost: 2 },
    { aim: "p50 at 100/s to the floor", measured: ratio("100/s", "floor", t => t.p50), atMost: 2 },
    { aim: "p99 at 100/s to the floor", measured: ratio("100/s", "floor", t => t.p99), atMost: 2 },
    { aim: "CPU at 100/s to do-it-yourself", measured: ratio("100/s", "do-it-yourself", cpu), atMost: 0.6 },
    { aim: "MB resident at full load", measured: resident, atMost: 200 },
    ...(before
      ? [
          { aim: `CPU at full load to ${before}`, measured: ratio("full", "before", cpu), atMost: 0.5 },
          { aim: `CPU at 100/s to ${before}`, measured: ratio("100/s", "before", cpu), atMost: 0.5 },
          { aim: `p50 at 100/s to ${before}`, measured: ratio("100/s", "before", t => t.p50), atMost: 1 },
        ]
      : []),
  ];
}
