import type { Sql } from "../../database/connect.ts";
import { releasePolls } from "../../schedule/queue-store.ts";
import type { PollRecord } from "../../schedule/schedule-entry.ts";
import { retryRelease } from "../../settle/inbox/settle-due.ts";
import { leaseS } from "./claim-store.ts";
import { type ClaimedPoll, releaseOf } from "./claimed-poll.ts";

/**
 * Gives a poll back whose answer could not be settled because the database was unavailable: it is repeated at once,
 * and not only when its lease of 30 s has run out. Changes nothing where the answer was settled after all. Resolves
 * once it is given back, or the lease is over. Never rejects.
 */
export async function giveBack(sql: Sql, claimed: ClaimedPoll, record: PollRecord, now: Date): Promise<void> {
  const { shard } = claimed.transaction;
  const unsettled: PollRecord = { ...record, outcome: "unavailable", reason: "the answer could not be settled" };
  const next = { dueAt: now, urgent: !claimed.isAudit, polled: true, record: unsettled };
  const release = releaseOf(claimed, next);
  await retryRelease(
    async () => {
      await sql.begin(tx => releasePolls(tx, shard, [release]));
    },
    performance.now() + leaseS * 1000,
  );
}
