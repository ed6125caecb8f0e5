import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { AnswerDeps } from "../answer/answer-deps.ts";
import type { ApiDeps } from "../api/deps.ts";
import { answerMetrics } from "../metrics/answer.ts";
import { receiveMetrics } from "../metrics/receive.ts";
import { reconcileMetrics } from "../metrics/reconcile.ts";
import { settleMetrics } from "../metrics/settle.ts";
import type { ReconcileDeps } from "../reconcile/deps.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Tracing } from "../tracing/tracing.ts";
import { logEvents } from "./event-log.ts";

/** What each room tells of its work. */
export type TelemetryHooks = {
  reconcile: Pick<ReconcileDeps, "onAsked" | "onPaused" | "onPulled" | "onPassed">;
  answer: NonNullable<AnswerDeps["observe"]>;
  api: Pick<ApiDeps, "onCall">;
};

/** What is true when metrics are read. */
type Now = { spoolBytes: () => number; isDatabaseUnavailable: () => boolean; openBreakers: () => number };

/** Who hears what the rooms tell: metrics, the log, and traces where there are any. */
export function createTelemetryHooks(
  telemetry: Telemetry,
  registry: Registry,
  tracing: Tracing | null,
  log: Logger,
  now: Now,
): TelemetryHooks {
  logEvents(log, telemetry);
  receiveMetrics(registry, telemetry, now);
  settleMetrics(registry, telemetry);
  const asked = reconcileMetrics(registry);
  const answered = answerMetrics(registry, now);
  return {
    reconcile: {
      ...asked,
      ...tracing?.reconcile,
      onAsked(...told) {
        asked.onAsked(...told);
        tracing?.reconcile.onAsked(...told);
      },
    },
    answer(...told) {
      answered(...told);
      tracing?.answer.observe(...told);
    },
    api: { ...tracing?.api },
  };
}
