import { setTimeout as pause } from "node:timers/promises";
import type { ApiDeps } from "../deps.ts";
import type { ListScope } from "../lists/scope.ts";
import {
  eventsAfter,
  type FeedFilter,
  type FeedPosition,
  type FeedRow,
  feedHorizon,
  positionAt,
} from "./feed-store.ts";

/** Events in order. `position`: where the next page begins, though nothing was found. */
export type FeedPage = { rows: FeedRow[]; hasMore: boolean; position: FeedPosition };

export type FeedRequest = {
  scope: ListScope;
  filter: FeedFilter;
  after: FeedPosition;
  limit: number;
  /** How long to wait where there is nothing yet. */
  waitMs: number;
  /** Whether the key still lives. */
  isAllowed(): Promise<boolean>;
};

export type FeedDeps = Pick<ApiDeps, "sql" | "now" | "closing">;

/** How often a reader that waits looks again. The events of all merchants cost a look at each of them. */
const lookEveryMs = { ofOne: 250, ofAll: 1_000 } as const;
/** With the time that a key is cached, a deleted one ends here within 5 s. */
const keyEveryMs = 1_000;

/**
 * The next events after a position, in the order in which they were written. Where there are none it waits for some.
 * Null: the key no longer lives, or the program stops; the reader comes back to another process.
 */
export async function nextEvents(deps: FeedDeps, request: FeedRequest): Promise<FeedPage | null> {
  const untilMs = deps.now().getTime() + request.waitMs;
  const everyMs = request.scope.merchantId === null ? lookEveryMs.ofAll : lookEveryMs.ofOne;
  let { after } = request;
  let keyMs = deps.now().getTime() + keyEveryMs;
  for (;;) {
    const page = await pageAfter(deps, request, after);
    const leftMs = untilMs - deps.now().getTime();
    if (page.rows.length > 0 || leftMs <= 0) return page;
    after = page.position;
    await pause(Math.min(everyMs, leftMs), undefined, { signal: deps.closing }).catch(() => {});
    if (deps.closing.aborted) return null;
    if (deps.now().getTime() >= keyMs) {
      if (!(await request.isAllowed())) return null;
      keyMs = deps.now().getTime() + keyEveryMs;
    }
  }
}

async function pageAfter(
  { sql }: FeedDeps,
  { scope, filter, limit }: FeedRequest,
  after: FeedPosition,
): Promise<FeedPage> {
  const before = await feedHorizon(sql);
  const range = { after, before, count: limit + 1 };
  const found = await Promise.all(scope.shards.map(shard => eventsAfter(sql, shard, range, filter)));
  const ordered = found.flat().sort(byPosition);
  const rows = ordered.slice(0, limit);
  return { rows, hasMore: ordered.length > limit, position: rows.at(-1) ?? later(after, before) };
}

/** With nothing up to the horizon, the next look begins there. */
function later(after: FeedPosition, horizon: Date): FeedPosition {
  return after.at >= horizon ? after : positionAt(horizon);
}

function byPosition(a: FeedPosition, b: FeedPosition): number {
  return a.at.getTime() - b.at.getTime() || a.sequence - b.sequence || (a.id < b.id ? -1 : 1);
}
