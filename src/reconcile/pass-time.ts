import { callMaxMs } from "./calls/call-provider.ts";

/** How long a pass may work, by `performance.now()`, and the signal that ends it sooner. */
export type PassTime = {
  /** Nothing is begun afterwards. */
  untilMs: number;
  /** Calls to providers are given up then. */
  callsEndMs: number;
  /** Once aborted nothing is begun. */
  signal: AbortSignal;
};

/** A pass ends within 60 s: what is begun last has 12 s for its call, and what is left of 60 s to be settled. */
const beginMs = 46_000;
const callsMs = 58_000;

export function passTimeFrom(startedMs: number, signal: AbortSignal): PassTime {
  return { untilMs: startedMs + beginMs, callsEndMs: startedMs + callsMs, signal };
}

export function isOver({ untilMs, signal }: PassTime): boolean {
  return signal.aborted || performance.now() > untilMs;
}

/** How long a call that begins now may take, in ms. */
export function callTimeMs({ callsEndMs }: Pick<PassTime, "callsEndMs">): number {
  return Math.max(1, Math.min(callMaxMs, Math.floor(callsEndMs - performance.now())));
}
