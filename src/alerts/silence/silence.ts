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

/** What the health of a connection shows about its gaps, in seconds. */
export type ConnectionSilence = {
  /** Mean gap between callbacks at this hour of the week; null where it is not known yet, or none are usual. */
  usual_gap_s: number | null;
  /** Since the last callback; null where there was none. */
  present_gap_s: number | null;
  /** Whether one of its channels has been without callbacks for far longer than usual. */
  silent: boolean;
};

/** The gaps of one connection, over all of its channels. `timeZone`: whose hours make a week. */
export async function connectionSilence(
  sql: Queryable,
  shard: number,
  connectionId: string,
  { now, timeZone }: { now: Date; timeZone: string },
): Promise<ConnectionSilence> {
  const gaps = await channelGaps(sql, shard, { now, timeZone, connectionId });
  if (gaps.length === 0) return { usual_gap_s: null, present_gap_s: null, silent: false };
  const perHour = gaps.reduce((sum, gap) => sum + (gap.perHour ?? 0), 0);
  const lastAt = Math.max(...gaps.map(gap => gap.lastAt.getTime()));
  return {
    usual_gap_s: perHour > 0 ? Math.round(3600 / perHour) : null,
    present_gap_s: Math.max(0, Math.round((now.getTime() - lastAt) / 1000)),
    silent: gaps.some(isSilent),
  };
}
