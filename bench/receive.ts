import { connectHot } from "../src/database/connect.ts";
import { startContestants, stopContestants, takeTurn } from "./contestants.ts";
import { measure, printTurn, type Turn } from "./measure.ts";
import { startMerchant } from "./merchant.ts";
import type { BenchOptions } from "./options.ts";
import { medianRatio, printVerdicts } from "./verdicts.ts";

const full = { total: 16_000, connections: 64 } as const;

/** Receiving alone: a receiver without a worker, the plain handler, and an earlier commit's receiver, in turns. */
export async function benchReceive(databaseUrl: string, { rounds, share, before }: BenchOptions): Promise<void> {
  const sql = connectHot(databaseUrl, { applicationName: "bench", max: 1 });
  const merchant = await startMerchant();
  const names = ["plain", "hakika receiver", ...(before ? ["before receiver"] : [])];
  const contestants = await startContestants(names, { databaseUrl, merchantUrl: merchant.url }, before);
  const turns = new Map<string, Turn[]>(names.map(name => [name, []]));
  const load = { ...full, total: full.total * share };
  console.log(`Receive, ${load.connections} connections, ${load.total} callbacks a turn, ${rounds} rounds`);
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const contestant of contestants) {
        const turn = await takeTurn(contestant, () => measure(sql, contestant, merchant, load));
        // The first round warms up.
        if (round === 0) continue;
        turns.get(contestant.name)!.push(turn);
        printTurn(contestant.name, "receive", turn);
      }
    }
  } finally {
    await stopContestants(contestants);
    merchant.close();
    await sql.end();
  }
  const ratio = (of: string, to: string, value: (turn: Turn) => number) => medianRatio(turns, of, to, value);
  const cpu = ({ program, database }: Turn) => program + database;
  printVerdicts([
    {
      aim: "receive: requests a second to plain",
      measured: ratio("hakika receiver", "plain", t => t.perSecond),
      atLeast: 2,
    },
    { aim: "receive: p99 to plain", measured: ratio("hakika receiver", "plain", t => t.p99), atMost: 1 },
    { aim: "receive: CPU of plain to Hakika's", measured: ratio("plain", "hakika receiver", cpu), atLeast: 2 },
    ...(before
      ? [
          {
            aim: `receive: CPU to ${before.commit}`,
            measured: ratio("hakika receiver", "before receiver", cpu),
            atMost: 1,
          },
        ]
      : []),
  ]);
}
