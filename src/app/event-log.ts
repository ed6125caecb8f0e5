import type { Logger } from "pino";
import type { TelemetryEvents } from "../telemetry/events.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** Writes the log lines of batches and attempts. At `debug` each callback of a batch has a line of its own. */
export function logEvents(log: Logger, telemetry: Telemetry): void {
  telemetry.subscribe("callbacks.kept", batch => logKept(log, batch));
  telemetry.subscribe("batch.read", batch => logSettled(log, batch));
  telemetry.subscribe("statement.refused", refusedLog(log));
  telemetry.subscribe("delivery.attempted", attempt => logAttempt(log, attempt));
}

/** One line for each statement and code in ten seconds: a refused statement is tried again. */
function refusedLog(log: Logger) {
  const quietUntilMs = new Map<string, number>();
  return ({ code, statement }: TelemetryEvents["statement.refused"]) => {
    const nowMs = performance.now();
    if (nowMs < (quietUntilMs.get(`${code} ${statement}`) ?? 0)) return;
    quietUntilMs.set(`${code} ${statement}`, nowMs + refusedEveryMs);
    log.error({ code, statement }, "the database refuses a statement of this program: please report it");
  };
}

const refusedEveryMs = 10_000;

/** One line for each commit, so that the log costs the same at any rate of callbacks. */
function logKept(log: Logger, { batchId: batch_id, to, callbacks, ms }: TelemetryEvents["callbacks.kept"]): void {
  if (!log.isLevelEnabled("info")) return;
  const channels: Record<string, number> = {};
  let received = 0;
  let quarantined = 0;
  for (const { provider, channel, copies, outcome } of callbacks) {
    const name = `${provider}/${channel}`;
    channels[name] = (channels[name] ?? 0) + copies;
    received += copies;
    if (outcome === "quarantined") quarantined += 1;
  }
  log.info(
    { batch_id, to, callbacks: callbacks.length, received, quarantined, channels, ms: rounded(ms) },
    "callbacks kept",
  );
  if (!log.isLevelEnabled("debug")) return;
  for (const { id: callback_id, connectionId: connection_id, provider, channel, outcome, copies } of callbacks) {
    const line = { batch_id, callback_id, connection_id, provider, channel, outcome };
    log.debug({ ...line, received: copies, ms: rounded(ms) }, "callback kept");
  }
}

function logSettled(log: Logger, { batchId: batch_id, shard, callbacks, ms }: TelemetryEvents["batch.read"]): void {
  log.info({ batch_id, shard, callbacks: callbacks.length, ms: rounded(ms) }, "callbacks settled");
  if (!log.isLevelEnabled("debug")) return;
  for (const { id: callback_id, connectionId: connection_id, provider, channel } of callbacks) {
    log.debug({ batch_id, callback_id, connection_id, provider, channel }, "callback settled");
  }
}

/** A failed attempt at `info`, because an operator is asked about it; any other at `debug`. Never the answer's body. */
function logAttempt(log: Logger, attempt: TelemetryEvents["delivery.attempted"]): void {
  const { outcome, status, problem, ms } = attempt;
  const isFailure = outcome === "failed" || outcome === "gone";
  if (!log.isLevelEnabled(isFailure ? "info" : "debug")) return;
  const line = {
    delivery_id: attempt.deliveryId,
    event_id: attempt.eventId,
    endpoint_id: attempt.endpointId,
    attempt: attempt.attempt,
    outcome,
    ...(outcome === "unsent" ? { reason: problem } : { status, problem, ms: Math.round(ms) }),
  };
  if (isFailure) log.info(line, "delivery attempt failed");
  else log.debug(line, "delivery attempt");
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
