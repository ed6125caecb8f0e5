import { publicId } from "../../domain/ids.ts";
import type { EgressRequest, EgressResult } from "../../egress/exchange.ts";
import { signWebhook } from "../../egress/webhook.ts";
import type { Endpoint } from "../endpoint-store.ts";
import { answerBytesMax } from "../limits.ts";
import type { ClaimedDelivery } from "../queue/claim-store.ts";
import { type HttpOutcome, judge } from "./http-outcome.ts";

export type AttemptDeps = {
  send: (request: EgressRequest) => Promise<EgressResult>;
  now: () => Date;
  attemptMs: number;
  signal: AbortSignal;
};

/**
 * One try at a delivery: the event's bytes as they are stored, under the event's id, with a fresh timestamp and a signature for
 * each secret that lives. Never rejects.
 */
export async function attempt(deps: AttemptDeps, endpoint: Endpoint, delivery: ClaimedDelivery): Promise<HttpOutcome> {
  const now = deps.now();
  const secrets = endpoint.secrets.filter(s => s.expiresAt === null || s.expiresAt > now).map(s => s.secret);
  const problem = endpoint.problem ?? (secrets.length === 0 ? "the endpoint has no signing secret" : null);
  if (problem !== null) return unusable(problem);
  try {
    const signature = signWebhook({
      id: publicId("event", delivery.eventId),
      timestampS: Math.floor(now.getTime() / 1000),
      body: delivery.body,
      secrets,
    });
    const result = await deps.send({
      method: "POST",
      url: endpoint.url,
      // The endpoint's own headers first: none of them replaces what says who speaks.
      headers: { ...endpoint.headers, "content-type": "application/json", ...signature },
      body: delivery.body,
      timeoutMs: deps.attemptMs,
      signal: deps.signal,
      tenant: endpoint.id,
      responseBytesMax: answerBytesMax.read,
      keepBytes: answerBytesMax.kept,
    });
    return judge(result, deps.now());
  } catch (error) {
    return unusable((error as Error).message);
  }
}

function unusable(error: string): HttpOutcome {
  return { kind: "failed", status: null, error, answer: null, latencyMs: 0, retryAfterS: null };
}
