import { setTimeout as wait } from "node:timers/promises";
import type { PlayedReply } from "./server.ts";

/** The state of a simulated transaction. */
export type ScriptOutcome = "pending" | "completed" | "failed" | "expired" | "refunded";

/** The answer to one status call about a transaction. */
export type ScriptStep =
  /** The transaction's outcome. */
  | { do: "report" }
  /** Another outcome than the transaction's: a contradiction, or an answer that comes too early. */
  | { do: "say"; outcome: ScriptOutcome }
  /** The transaction is unknown. */
  | { do: "deny" }
  /** An empty 429, or one of the provider's own replies to too many calls; with `Retry-After` or without. */
  | { do: "throttle"; as?: string; retryAfterS?: number }
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
  /** Replies to too many calls, by name. */
  throttled?: Readonly<Record<string, ThrottledReply>>;
};

export type ThrottledReply = { status: number; body: object | string };

/** Plays one step, faults included. */
export async function playStep(
  step: ScriptStep,
  outcome: ScriptOutcome,
  wording: ProviderWording,
): Promise<PlayedReply> {
  switch (step.do) {
    case "report":
      return wording.say(outcome);
    case "say":
      return wording.say(step.outcome);
    case "deny":
      return wording.deny();
    case "throttle":
      return throttling(step.retryAfterS, step.as === undefined ? undefined : wording.throttled?.[step.as]);
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

/** A busy gateway refuses a call: with an empty body, unless the provider has a reply of its own. */
export function throttling(retryAfterS?: number, own: ThrottledReply = { status: 429, body: "" }): PlayedReply {
  return { ...own, headers: retryAfterS === undefined ? {} : { "retry-after": String(retryAfterS) } };
}
