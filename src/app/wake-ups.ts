import type { StatementWorker } from "../books/statements/worker.ts";
import type { NoticeSender } from "../database/notices.ts";
import type { Deliver } from "../deliver/deliver.ts";
import type { ReconcileWorker } from "../reconcile/worker.ts";
import type { SettleWorker } from "../settle/inbox/worker.ts";

/** The workers of this process. Each is null until it is started, and in a process without the worker role. */
type LocalWorkers = {
  settle: SettleWorker | null;
  deliver: Deliver | null;
  reconcile: ReconcileWorker | null;
  statements: StatementWorker | null;
};

/** Wakes the worker that a commit has work for: this process's, or else the other processes' by a notice. */
export type WakeUps = {
  local: LocalWorkers;
  /** Shards with callbacks to read. */
  inbox(shards: Iterable<number>): void;
  /** Endpoints of a shard with deliveries to send. */
  deliveries(shard: number, endpointIds: string[]): void;
  /** Connections with urgent polls. Without a notice: other processes' workers find them within 2 s. */
  polls(connections: Parameters<ReconcileWorker["wake"]>[0]): void;
  /** Statements were uploaded. Without a notice: other processes' workers find them within a second. */
  statements(): void;
};

export function createWakeUps(notices: NoticeSender): WakeUps {
  const local: LocalWorkers = { settle: null, deliver: null, reconcile: null, statements: null };
  return {
    local,
    inbox: shards => (local.settle ? local.settle.wake(shards) : notices.notifyInbox(shards)),
    deliveries: (shard, endpointIds) =>
      local.deliver ? local.deliver.wake(shard, endpointIds) : notices.notifyDeliveries(shard, endpointIds),
    polls: connections => local.reconcile?.wake(connections),
    statements: () => local.statements?.wake(),
  };
}
