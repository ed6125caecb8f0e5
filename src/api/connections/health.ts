import { z } from "zod";
import { connectionSilence } from "../../alerts/silence/silence.ts";
import { latestBalance } from "../../books/balances/balance-store.ts";
import { openGaps } from "../../books/balances/gap-store.ts";
import { type ChannelTraffic, channelTraffic, lastHeard, outcomesOf, usualGapS } from "../../books/health-store.ts";
import { formatSigned } from "../../domain/money.ts";
import { readCallLimits } from "../../reconcile/calls/call-limits-store.ts";
import { pullProblemOf } from "../../reconcile/statements/pull-store.ts";
import { merchantScope } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { timeOutput } from "../schemas/fields.ts";
import { type ConnectionRow, findConnection } from "./store.ts";

const rate = z
  .number()
  .nullable()
  .meta({ description: "From 0 to 1; null where nothing ended", examples: [0.97] });
const seconds = (description: string) =>
  z
    .number()
    .nullable()
    .meta({ description, examples: [42] });
const amount = z.string().meta({ examples: ["46713.00"] });

export const healthSchema = z
  .object({
    channels: z
      .record(
        z.string(),
        z.object({
          last_at: timeOutput.nullable().meta({ description: "Within 35 days" }),
          last_1h: z.int().meta({ examples: [12] }),
          last_24h: z.int().meta({ examples: [240] }),
        }),
      )
      .meta({ description: "Callbacks by channel" }),
    success_rate_1h: rate,
    success_rate_24h: rate,
    usual_gap_s: seconds(
      "The mean time between callbacks at this hour of the week; before two weeks are known the median of a day",
    ),
    present_gap_s: seconds("Since the last callback; null where none came within 35 days"),
    silent: z
      .boolean()
      .meta({ description: "A channel has been without a callback for far longer than usual", examples: [false] }),
    paused: z.boolean().meta({ description: "No call is made to the provider for now", examples: [false] }),
    credentials_refused: z.boolean().meta({ examples: [false] }),
    pull_problem: z
      .string()
      .nullable()
      .meta({ description: "Why the last pull of statements did not end well", examples: [null] }),
    balance: z
      .object({ amount, currency: z.string().meta({ examples: ["KES"] }), at: timeOutput })
      .nullable()
      .meta({ description: "Of the account that receives, as the provider last told it" }),
    balance_gaps: z
      .array(
        z.object({
          at: timeOutput,
          previous_at: timeOutput,
          expected: amount,
          found: amount,
          difference: amount.meta({ description: "Positive: money came in that nothing told of" }),
          currency: z.string().meta({ examples: ["KES"] }),
        }),
      )
      .meta({ description: "Balances that do not follow from the ones before, and that nothing explains yet" }),
  })
  .meta({ id: "ConnectionHealth" });

export const getConnectionHealth = route({
  method: "GET",
  path: "/v1/connections/{id}/health",
  tag: "Connections",
  name: "getConnectionHealth",
  summary: "Get a connection's health",
  description: "What came in, what ended well, whether the provider can be called, and the account's balance.",
  access: "any",
  ids: { id: "connection" },
  responses: { 200: { description: "The connection's health", schema: healthSchema } },
  async handle({ caller, ids }, deps) {
    const connection = await findConnection(deps.db, ids.id, merchantScope(caller));
    return connection === null ? noSuch("connection") : ok(await healthJson(connection, deps));
  },
});

async function healthJson({ shard, id, provider }: ConnectionRow, deps: ApiDeps) {
  const { sql } = deps;
  const now = deps.now();
  const [traffic, recentGapS, outcomes, limits, pullProblem, balance, gaps] = await Promise.all([
    channelTraffic(sql, shard, id, now),
    usualGapS(sql, shard, id, now),
    outcomesOf(sql, shard, id, now),
    readCallLimits(sql, shard, id),
    pullProblemOf(sql, shard, id),
    latestBalance(sql, shard, id),
    openGaps(sql, shard, id),
  ]);
  const channels = await channelsOf({ shard, id, provider }, traffic, now, deps);
  const heard = new Map(
    Object.entries(channels).flatMap(([name, { last_at }]) => (last_at === null ? [] : [[name, new Date(last_at)]])),
  );
  const silence = await connectionSilence(sql, shard, id, { now, timeZone: deps.timeZone, heard });
  const { completed1h, ended1h, completed24h, ended24h } = outcomes;
  return {
    channels,
    success_rate_1h: ended1h === 0 ? null : completed1h / ended1h,
    success_rate_24h: ended24h === 0 ? null : completed24h / ended24h,
    usual_gap_s: silence.usualGapS ?? recentGapS,
    present_gap_s: presentGapS(channels, now),
    silent: silence.isSilent,
    paused: limits.pausedUntil !== null && limits.pausedUntil > now,
    credentials_refused: limits.pauseReason === "credentials",
    pull_problem: pullProblem,
    balance: balance && {
      amount: formatSigned(balance.amount, balance.currency),
      currency: balance.currency,
      at: balance.at.toISOString(),
    },
    balance_gaps: gaps.map(({ at, previousAt, expected, found, currency }) => ({
      at: at.toISOString(),
      previous_at: previousAt.toISOString(),
      expected: formatSigned(expected, currency),
      found: formatSigned(found, currency),
      difference: formatSigned(found - expected, currency),
      currency,
    })),
  };
}

type Channels = Record<string, { last_at: string | null; last_1h: number; last_24h: number }>;

/** Every channel of the provider; one that was silent for a day is looked for further back. */
async function channelsOf(
  { shard, id, provider }: Pick<ConnectionRow, "shard" | "id" | "provider">,
  traffic: ChannelTraffic[],
  now: Date,
  { sql, providers }: ApiDeps,
): Promise<Channels> {
  const names = Object.keys(providers.get(provider)?.channels ?? {});
  const entries = await Promise.all(
    names.map(async name => {
      const heard = traffic.find(({ channel }) => channel === name);
      const lastAt = heard?.lastAt ?? (await lastHeard(sql, shard, id, name, now));
      const counts = { last_1h: heard?.last1h ?? 0, last_24h: heard?.last24h ?? 0 };
      return [name, { last_at: lastAt?.toISOString() ?? null, ...counts }] as const;
    }),
  );
  return Object.fromEntries(entries);
}

function presentGapS(channels: Channels, now: Date): number | null {
  const times = Object.values(channels).flatMap(({ last_at }) => (last_at === null ? [] : [Date.parse(last_at)]));
  return times.length === 0 ? null : Math.max(0, (now.getTime() - Math.max(...times)) / 1000);
}
