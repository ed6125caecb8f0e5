import type { Sql } from "../../database/connect.ts";
import type { AlertCause } from "../../domain/alerts.ts";
import { simulationMerchant } from "../../domain/simulation.ts";
import type { LookDeps } from "../look/look.ts";
import { lockOpenOfKind } from "../open/alert-store.ts";
import { applyCauses } from "../open/sync-alerts.ts";
import { channelSubject } from "../sources/scope.ts";
import {
  countHours,
  dropOldHours,
  hourOf,
  noteActivity,
  type SilenceCursor,
  silenceCursor,
  writeSilenceCursor,
} from "./count-store.ts";
import {
  type ChannelGap,
  channelGaps,
  connectionOwners,
  learning,
  quietChannels,
  shardsWithConnections,
} from "./expectation-store.ts";
import { isSilent } from "./silence.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const weekMs = 168 * hourMs;
/** An hour is counted so long after its end: what an outage kept on disk has come by then. */
const lateMs = 10 * minuteMs;
/** A pause between two looks of this length is an outage of the worker or the database. */
const outageMs = 3 * minuteMs;
/** After an outage callbacks may still come from the disk: nothing counts as silent for so long. */
const graceMs = 5 * minuteMs;
/** What arrived shortly before the last look may have been committed after it. */
const overlapMs = 2 * minuteMs;
/** History that is kept: the weeks that are learnt from, and the longest gap before them. */
const keptMs = (learning.weeksMax + 2) * weekMs;

/** Counts the callbacks of every shard, and opens and closes the alerts of channels that are silent. Once a minute. */
export async function lookForSilence(deps: LookDeps & { timeZone: string }, now: Date): Promise<void> {
  for (const shard of await shardsWithConnections(deps.sql)) await lookAtShard(deps, shard, now);
}

async function lookAtShard({ sql, wake, timeZone }: LookDeps & { timeZone: string }, shard: number, now: Date) {
  const before = await silenceCursor(sql, shard);
  const cursor = await count(sql, shard, before, now);
  await writeSilenceCursor(sql, shard, cursor);
  const isTrusted = before === null || now.getTime() - cursor.resumedAt.getTime() >= graceMs;
  const gaps = await channelGaps(sql, shard, { now, timeZone });
  const silent = gaps.filter(isSilent);
  const owners = await connectionOwners(sql, shard, [...new Set(silent.map(g => g.connectionId))], simulationMerchant);
  const causes = silent.flatMap(gap => causeOf(gap, owners));
  const endpoints = (await sql.begin(async tx => {
    const open = await lockOpenOfKind(tx, shard, "silence");
    const quiet = new Set(await quietChannels(tx, shard, now));
    // A gap that is too long to be looked at goes on until a callback comes.
    const kept = open.filter(({ subject }) => quiet.has(subject) && !causes.some(each => each.subject === subject));
    const isOpen = new Set(open.map(({ subject }) => subject));
    const trusted = causes.filter(({ subject }) => isTrusted || isOpen.has(subject));
    return applyCauses(tx, shard, "silence", open, [...trusted, ...kept], now);
  })) as string[];
  wake(shard, endpoints);
}

/** Counts what came since the last look. The first look counts the history that there is. */
async function count(sql: Sql, shard: number, before: SilenceCursor | null, now: Date): Promise<SilenceCursor> {
  const oldest = new Date(now.getTime() - keptMs);
  const isOutage = before !== null && now.getTime() - before.seenTo.getTime() > outageMs;
  const resumedAt = before === null || isOutage ? now : before.resumedAt;
  const isCatchingUp = before !== null && now.getTime() - resumedAt.getTime() < graceMs;
  const seenFrom = before === null ? oldest : isOutage ? before.seenTo : isCatchingUp ? before.seenFrom : before.seenTo;
  await noteActivity(sql, shard, new Date(seenFrom.getTime() - overlapMs));

  const countable = hourOf(new Date(now.getTime() - lateMs));
  const countedTo = before?.countedTo ?? hourOf(oldest);
  if (countable > countedTo) {
    await countHours(sql, shard, countedTo, countable);
    await dropOldHours(sql, shard, oldest);
  }
  return { countedTo: countable > countedTo ? countable : countedTo, seenTo: now, seenFrom, resumedAt };
}

type Owner = Awaited<ReturnType<typeof connectionOwners>>[number];

function causeOf({ connectionId, channel, lastAt, expected }: ChannelGap, owners: readonly Owner[]): AlertCause[] {
  const owner = owners.find(({ id }) => id === connectionId);
  if (!owner) return [];
  const detail =
    `The last callback came at ${lastAt.toISOString()}. By the weeks before, ${Math.round(expected ?? 0)} were to be ` +
    "expected since then.";
  return [
    {
      subject: channelSubject(connectionId, channel),
      merchantId: owner.merchantId,
      connectionId,
      endpointId: null,
      channel,
      environment: owner.environment,
      detail,
    },
  ];
}
