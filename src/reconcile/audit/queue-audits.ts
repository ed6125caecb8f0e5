import { allShards, publicId } from "../../domain/ids.ts";
import type { Provider } from "../../providers/provider.ts";
import type { ReconcileDeps } from "../deps.ts";
import { type AuditSelection, type PollableKind, queueAudits } from "./audit-store.ts";
import { nightlyAuditsDue, takeNight } from "./nightly-store.ts";

type AuditScope = {
  hasShard: (shard: number) => boolean;
  merchantId: string | null;
  connectionId: string | null;
};

/** Nightly audits are of what finished until 02:00 UTC: few transactions are under way then in East Africa. */
const nightHour = 2;
const dayMs = 86_400_000;
/** What finished longer ago is not caught up after an outage. */
const daysMax = 7;

/** Queues the finished transactions that an audit names, in all shards of its scope; returns how many. */
export async function queueNamedAudit(
  { sql, providers }: Pick<ReconcileDeps, "sql" | "providers">,
  { hasShard, merchantId, connectionId }: AuditScope,
  audit: Omit<AuditSelection, "merchantId" | "connectionId">,
): Promise<number> {
  const kinds = pollableKinds(providers);
  let queued = 0;
  for (const shard of allShards.filter(hasShard)) {
    queued += await queueAudits(sql, shard, { ...audit, merchantId, connectionId }, kinds);
  }
  return queued;
}

/**
 * Queues the nightly audits that are due: of each connection with the setting what finished since its last one. Runs
 * once a night for each connection, however many processes call it.
 */
export async function queueNightlyAudits(
  { sql, providers, log }: Pick<ReconcileDeps, "sql" | "providers" | "log">,
  scope: AuditScope,
  now: Date,
): Promise<void> {
  const night = lastNight(now);
  const kinds = pollableKinds(providers);
  const due = await nightlyAuditsDue(sql, night, scope);
  for (const { shard, connectionId, share, amountFrom } of due.filter(each => scope.hasShard(each.shard))) {
    const queued = await sql.begin(async tx => {
      const before = await takeNight(tx, shard, connectionId, night);
      if (before === null) return null;
      const finishedAfter = new Date(Math.max(before.getTime(), night.getTime() - daysMax * dayMs));
      const selection = { finishedAfter, finishedBefore: night, share, amountFrom, merchantId: null, connectionId };
      return await queueAudits(tx, shard, selection, kinds);
    });
    if (queued === null) continue;
    log.info({ connection_id: publicId("connection", connectionId), queued }, "nightly audit queued");
  }
}

function pollableKinds(providers: ReadonlyMap<string, Provider>): PollableKind[] {
  return [...providers.values()].flatMap(({ id, status }) =>
    Object.keys(status?.kinds ?? {}).map(kind => ({ provider: id, kind })),
  );
}

/** The last 02:00 UTC. */
function lastNight(now: Date): Date {
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), nightHour);
  return new Date(today <= now.getTime() ? today : today - dayMs);
}
