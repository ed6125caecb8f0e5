import { publicId } from "../../domain/ids.ts";
import type { Egress } from "../../egress/client.ts";
import { signWebhook } from "../../egress/webhook.ts";
import type { ClaimedDelivery } from "../delivery.ts";
import type { Endpoint } from "../endpoint-store.ts";
import { answerBytesMax } from "../limits.ts";
import { type HttpOutcome, httpOutcomeOf } from "./http-outcome.ts";

export type AttemptDeps = {
  egress: Pick<Egress, "send">;
  now: () => Date;
  attemptMs: number;
  /** Aborted when the program may wait no longer for running attempts. */
  signal: AbortSignal;
};

/**
 * One attempt at a delivery: the event's bytes as they are stored, under the event's id, with the present timestamp and
 * a signature for each secret that has not expired. Never rejects.
 */
export async function attempt(deps: AttemptDeps, endpoint: Endpoint, delivery: ClaimedDelivery): Promise<HttpOutcome> {
  const now = deps.now();
  const secrets = endpoint.secrets.filter(s => s.expiresAt === null || s.expiresAt > now).map(s => s.secret);
  const problem = endpoint.problem ?? (secrets.length === 0 ? "the endpoint has no signing secret" : null);
  if (problem !== null) return failedUnsent(problem);
  try {
    const signature = signWebhook({
      id: publicId("event", delivery.eventId),
      timestampS: Math.floor(now.getTime() / 1000),
      body: delivery.body,
      secrets,
    });
    const result = await deps.egress.send({
      method: "POST",
      url: endpoint.url,
      // The endpoint's own headers come first, so that they cannot replace the type and the signature.
      headers: {
        ...endpoint.headers,
        "content-type": "application/json",
        ...(delivery.environment !== null && { "hakika-environment": delivery.environment }),
        ...signature,
      },
      body: delivery.body,
      timeoutMs: deps.attemptMs,
      signal: deps.signal,
      tenant: endpoint.id,
      responseBytesMax: answerBytesMax.read,
      keepBytes: answerBytesMax.kept,
    });
    return httpOutcomeOf(result, deps.now());
  } catch (error) {
    return failedUnsent((error as Error).message);
  }
}

/** An attempt that failed before anything could be sent. It counts, so the merchant sees why. */
function failedUnsent(error: string): HttpOutcome {
  return { kind: "failed", status: null, error, answer: null, latencyMs: 0, retryAfterS: null };
}
