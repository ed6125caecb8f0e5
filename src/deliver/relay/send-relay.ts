import type { RelayAttempt } from "../../database/schema/relays.ts";
import { publicId } from "../../domain/ids.ts";
import { signWebhook } from "../../egress/webhook.ts";
import { httpOutcomeOf } from "../attempt/http-outcome.ts";
import { retryDelayMs } from "../attempt/retry-schedule.ts";
import { type ClaimedRelay, keptRequest } from "./relay-queue-store.ts";
import type { RelayDeps } from "./relay-worker.ts";

export type RelayOutcome = { isDelivered: boolean; retryMs: number | null };

/** As for events. */
const attemptMs = 15_000;
/** Where nothing was sent for a reason of this process. */
const soonMs = 1_000;
const over: RelayOutcome = { isDelivered: false, retryMs: null };

/**
 * One attempt: the callback's bytes and content type as they came, under the callback's id, signed with the
 * connection's `forward_secret`. Never rejects but for the database.
 */
export async function sendRelay(
  deps: RelayDeps,
  relay: ClaimedRelay,
): Promise<{ attempt: RelayAttempt | null; outcome: RelayOutcome }> {
  const now = deps.now();
  const unsent = (error: string) => ({
    attempt: { at: now.toISOString(), latencyMs: 0, status: null, error },
    outcome: over,
  });
  const target = await deps.targetOf(relay.shard, relay.connectionId);
  if (target === null) return unsent("the connection relays no callbacks any more");
  const request = await keptRequest(deps.sql, relay.shard, relay.callbackId);
  if (request === null) return unsent("the body was dropped by retention, or erased");
  const { body, method, query, headers } = request;
  const contentType = headers["content-type"];
  const id = publicId("callback", relay.callbackId);
  const timestampS = Math.floor(now.getTime() / 1_000);
  const result = await deps.egress.send({
    method: method as "POST" | "PUT" | "GET",
    url: query === "" ? target.url : `${target.url}${target.url.includes("?") ? "&" : "?"}${query}`,
    headers: {
      ...(contentType !== undefined && { "content-type": contentType }),
      "hakika-environment": target.environment,
      ...signWebhook({ id, timestampS, body, secrets: [target.secret] }),
    },
    body: method === "GET" ? null : body,
    timeoutMs: attemptMs,
    tenant: relay.connectionId,
  });
  const outcome = httpOutcomeOf(result, deps.now());
  if (outcome.kind === "unsent") return { attempt: null, outcome: { isDelivered: false, retryMs: soonMs } };
  const { status, error, latencyMs } = outcome;
  const attempt = { at: now.toISOString(), latencyMs: Math.round(latencyMs), status, error };
  if (outcome.kind === "delivered") return { attempt, outcome: { isDelivered: true, retryMs: null } };
  const retryAfterS = outcome.kind === "failed" ? outcome.retryAfterS : null;
  const schedule = { attempts: relay.attempts + 1, scheduleS: null, retryAfterS, random: deps.random };
  const retryMs = outcome.kind === "gone" ? null : retryDelayMs(schedule);
  return { attempt, outcome: { isDelivered: false, retryMs } };
}
