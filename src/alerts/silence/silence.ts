import type { Queryable } from "../../database/connect.ts";
import { type ChannelGap, channelGaps } from "./expectation-store.ts";

/** A gap is silence where chance would leave one like it out of ten thousand. */
const chanceMax = 1e-4;
/** Of a Poisson process with so many expected, none comes with that probability: e^-expected. */
const expectedMin = -Math.log(chanceMax);

/** Whether no callback for so long is more than chance: at least 9.21 were to be expected. */
export function isSilent({ expected }: Pick<ChannelGap, "expected">): boolean {
  return expected !== null && expected >= expectedMin;
}

/** What the health of a connection shows about its gaps. */
export type ConnectionSilence = {
  /** Mean seconds between callbacks at this hour of the week; null where it is not known yet, or none are usual. */
  usualGapS: number | null;
  /** Whether one of its channels has been without callbacks for far longer than usual. */
  isSilent: boolean;
};

/**
 * The gaps of one connection, over all of its channels. `timeZone`: whose hours make a week. `heard`: when each channel
 * had its last callback, which a look once a minute may not have noted yet.
 */
export async function connectionSilence(
  sql: Queryable,
  shard: number,
  connectionId: string,
  { now, timeZone, heard }: { now: Date; timeZone: string; heard: ReadonlyMap<string, Date> },
): Promise<ConnectionSilence> {
  const gaps = await channelGaps(sql, shard, { now, timeZone, connectionId });
  const perHour = gaps.reduce((sum, gap) => sum + (gap.perHour ?? 0), 0);
  const isOver = ({ channel, lastAt }: ChannelGap) => (heard.get(channel) ?? lastAt) > lastAt;
  return {
    usualGapS: perHour > 0 ? Math.round(3600 / perHour) : null,
    isSilent: gaps.some(gap => isSilent(gap) && !isOver(gap)),
  };
}
