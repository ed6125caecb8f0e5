import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { AnswerDeps } from "../answer/answer-deps.ts";
import type { ApiDeps } from "../api/deps.ts";
import type { DeliverDeps } from "../deliver/deliver.ts";
import { answerMetrics } from "../metrics/answer.ts";
import { receiveMetrics } from "../metrics/receive.ts";
import { reconcileMetrics } from "../metrics/reconcile.ts";
import { settleMetrics } from "../metrics/settle.ts";
import type { ReceiveDeps } from "../receive/receive.ts";
import type { KeeperDeps } from "../receive/store/inbox-writer.ts";
import { logKept } from "../receive/store/kept-log.ts";
import type { ReconcileDeps } from "../reconcile/deps.ts";
import type { BatchResult } from "../settle/batch.ts";
import type { SettleWorkerDeps } from "../settle/inbox/worker.ts";
import type { Tracing } from "../tracing/tracing.ts";

/** What each room tells of its work. */
export type TelemetryHooks = {
  receive: Pick<ReceiveDeps, "count" | "onAnswered">;
  keep: NonNullable<KeeperDeps["onBatch"]>;
  settle: Pick<SettleWorkerDeps, "onBatch">;
  settled: (shard: number, result: BatchResult) => void;
  reconcile: Pick<ReconcileDeps, "onAsked" | "onPaused" | "onPulled" | "onPassed">;
  deliver: Pick<DeliverDeps, "onAttempt">;
  answer: NonNullable<AnswerDeps["observe"]>;
  api: Pick<ApiDeps, "onCall">;
};

/** What is true when metrics are read. */
type Now = { spoolBytes: () => number; isDatabaseAway: () => boolean; openBreakers: () => number };

/** Who hears what the rooms tell: metrics, the log, and traces where there are any. */
export function createTelemetryHooks(
  registry: Registry,
  tracing: Tracing | null,
  log: Logger,
  now: Now,
): TelemetryHooks {
  const received = receiveMetrics(registry, now);
  const asked = reconcileMetrics(registry);
  const answered = answerMetrics(registry, now);
  return {
    receive: { count: received.count, ...(tracing && { onAnswered: tracing.receive.onAnswered }) },
    keep(batch, to, ms) {
      received.kept(batch.rows.length, to, ms);
      logKept(log, batch, to, ms);
      tracing?.receive.onBatch(batch, to, ms);
    },
    settle: { onBatch: settleMetrics(registry) },
    settled: (shard, result) => tracing?.settle.onSettled(shard, result),
    reconcile: {
      ...asked,
      ...tracing?.reconcile,
      onAsked(...told) {
        asked.onAsked(...told);
        tracing?.reconcile.onAsked(...told);
      },
    },
    deliver: { ...tracing?.deliver },
    answer(...told) {
      answered(...told);
      tracing?.answer.observe(...told);
    },
    api: { ...tracing?.api },
  };
}
