import { setTimeout as wait } from "node:timers/promises";
import type { PlayedReply } from "./server.ts";

/** The state of a simulated transaction. */
export type ScriptOutcome = "pending" | "completed" | "failed" | "expired" | "refunded";

/** The answer to one status call about a transaction. */
export type ScriptStep =
  /** The transaction's outcome. */
  | { do: "tell" }
  /** Another outcome than the transaction's: a contradiction, or an answer that comes too early. */
  | { do: "say"; outcome: ScriptOutcome }
  /** The transaction is unknown. */
  | { do: "deny" }
  /** 429 in one of the shapes it comes in, with `Retry-After` or without. */
  | { do: "throttle"; as: "spike-arrest" | "json" | "nothing"; retryAfterS?: number }
  | { do: "refuse-token" }
  | { do: "hang" }
  | { do: "cut" }
  /** A gateway's error page, in HTML. */
  | { do: "break"; status: 500 | 502 | 503 | 504 }
  /** The body as given. */
  | { do: "raw"; status: number; body: object | string; headers?: Record<string, string> }
  | { do: "late"; ms: number; step: ScriptStep };

/** The answers to successive calls; after the last of them the transaction's outcome. */
export type Script = ScriptStep[];

/** How a provider words what a step wants said. */
export type ProviderWording = {
  say(outcome: ScriptOutcome): PlayedReply;
  deny(): PlayedReply;
  refuseToken(): PlayedReply;
};

/** Plays one step, faults included. */
export async function playStep(
  step: ScriptStep,
  outcome: ScriptOutcome,
  wording: ProviderWording,
): Promise<PlayedReply> {
  switch (step.do) {
    case "tell":
      return wording.say(outcome);
    case "say":
      return wording.say(step.outcome);
    case "deny":
      return wording.deny();
    case "throttle":
      return throttling(step.as, step.retryAfterS);
    case "refuse-token":
      return wording.refuseToken();
    case "hang":
    case "cut":
      return step.do;
    case "break":
      return { status: step.status, body: `<html><body>${step.status}</body></html>` };
    case "raw":
      return { status: step.status, body: step.body, headers: step.headers ?? {} };
    case "late":
      await wait(step.ms);
      return playStep(step.step, outcome, wording);
  }
}

/** The ways in which a busy gateway refuses a call. */
export function throttling(as: "spike-arrest" | "json" | "nothing", retryAfterS?: number): PlayedReply {
  const headers = retryAfterS === undefined ? {} : { "retry-after": String(retryAfterS) };
  if (as === "nothing") return { status: 429, headers, body: "" };
  if (as === "json") {
    const body = {
      requestId: "1-1-1",
      errorCode: "500.003.02",
      errorMessage: "System is busy. Please try again in few minutes.",
    };
    return { status: 500, headers, body };
  }
  const faultstring =
    "Spike arrest violation. Allowed rate : MessageRate{messagesPerPeriod=5, periodInMicroseconds=60000000, maxBurstMessageCount=1.0}";
  const detail = { errorcode: "policies.ratelimit.SpikeArrestViolation" };
  return { status: 429, headers, body: { fault: { faultstring, detail } } };
}
