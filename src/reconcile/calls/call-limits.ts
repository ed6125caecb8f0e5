import type { Kind } from "../../domain/kinds.ts";

/** How a connection may be asked at the moment, as all processes share it. Times are the database's. */
export type CallLimits = {
  /** Calls by the second (Unix) in which they were allowed. */
  calls: Record<string, number>;
  pausedUntil: Date | null;
  pauseReason: PauseReason | null;
  pauseDetail: string | null;
  pausedAt: Date | null;
  /** In a row. */
  errors: number;
  /** In a row. */
  pauses: number;
  probeUntil: Date | null;
  /** Kinds that must not be asked about, since when and why. */
  stopped: Partial<Record<Kind, { reason: string; at: string }>>;
};
type PauseReason = "throttled" | "errors" | "credentials";

export const freshCallLimits: CallLimits = {
  calls: {},
  pausedUntil: null,
  pauseReason: null,
  pauseDetail: null,
  pausedAt: null,
  errors: 0,
  pauses: 0,
  probeUntil: null,
  stopped: {},
};

export type Allowed =
  | { kind: "allowed"; calls: number; probe: boolean }
  | { kind: "refused"; why: PauseReason | "rate"; until: Date };

/**
 * How long an allowed call counts, in whole seconds beside its own. Between two calls that share a place there are then 61 s and
 * more: a second of them for calls that reach the provider late.
 */
const windowS = 61;
/** In a row, and the breaker opens. */
export const errorsMax = 5;
const probeMs = 30_000;
/** In seconds: the first pause for a cause, and the longest. */
const pauseS = {
  throttled: { first: 30, max: 600 },
  errors: { first: 30, max: 300 },
  credentials: { first: 600, max: 3600 },
} as const satisfies Record<PauseReason, { first: number; max: number }>;

/** How many of `wanted` calls may be made now. Once the breaker is open one call at a time tries whether it can be closed. */
export function allowedNow(pace: CallLimits, ratePerMinute: number, wanted: number, now: Date): Allowed {
  if (pace.pausedUntil !== null && pace.pausedUntil > now) {
    return { kind: "refused", why: pace.pauseReason ?? "throttled", until: pace.pausedUntil };
  }
  const isOpen = pace.errors >= errorsMax;
  if (isOpen && pace.probeUntil !== null && pace.probeUntil > now) {
    return { kind: "refused", why: "errors", until: pace.probeUntil };
  }
  const recent = recentCalls(pace, now);
  const left = ratePerMinute - recent.reduce((sum, [, calls]) => sum + calls, 0);
  if (left <= 0) return { kind: "refused", why: "rate", until: new Date((recent[0]![0] + windowS + 1) * 1000) };
  return { kind: "allowed", calls: isOpen ? 1 : Math.min(left, wanted), probe: isOpen };
}

/** After `calls` were allowed. */
export function withCalls(pace: CallLimits, calls: number, probe: boolean, now: Date): CallLimits {
  const second = secondOf(now);
  const recent = Object.fromEntries(recentCalls(pace, now));
  return {
    ...pace,
    calls: { ...recent, [second]: (recent[second] ?? 0) + calls },
    probeUntil: probe ? new Date(now.getTime() + probeMs) : pace.probeUntil,
  };
}

/** What a call came to, as far as the pace goes. */
export type CallOutcome =
  | { kind: "answered" }
  | { kind: "error" }
  | { kind: "throttled"; retryAfterS: number | null }
  | { kind: "credentials"; reason: string };

/** After an answer, or none. A provider that throttles is alive: it closes the breaker as an answer does. */
export function afterCall(pace: CallLimits, heard: CallOutcome, now: Date): CallLimits {
  if (heard.kind === "answered") {
    const quiet = pace.errors === 0 && pace.pauses === 0 && pace.probeUntil === null;
    // A late answer says nothing against a pause that others were told of meanwhile.
    const stillPaused = pace.pausedUntil !== null && pace.pausedUntil > now && pace.pauseReason !== "errors";
    if (quiet || stillPaused) return pace;
    return { ...freshCallLimits, calls: pace.calls, stopped: pace.stopped };
  }
  if (heard.kind === "throttled") {
    return paused({ ...pace, errors: 0 }, "throttled", heard.retryAfterS, null, now);
  }
  if (heard.kind === "credentials") return paused(pace, "credentials", null, heard.reason, now);
  const errors = pace.errors + 1;
  if (errors < errorsMax) return { ...pace, errors };
  const wasOpen = pace.pausedUntil !== null && pace.pausedUntil > now;
  return wasOpen ? { ...pace, errors } : paused({ ...pace, errors }, "errors", null, null, now);
}

/** Each pause for the same cause is twice as long as the last, unless the provider said how long. */
function paused(
  pace: CallLimits,
  why: PauseReason,
  askedS: number | null,
  detail: string | null,
  now: Date,
): CallLimits {
  const alreadyPaused = pace.pauseReason === why && pace.pausedUntil !== null && pace.pausedUntil > now;
  const pauses = alreadyPaused ? pace.pauses : pace.pauseReason === why ? pace.pauses + 1 : 1;
  const seconds = Math.max(1, askedS ?? Math.min(pauseS[why].first * 2 ** (pauses - 1), pauseS[why].max));
  const until = new Date(now.getTime() + seconds * 1000);
  const longest = alreadyPaused && pace.pausedUntil! > until ? pace.pausedUntil! : until;
  return {
    ...pace,
    pauses,
    pausedUntil: longest,
    pauseReason: why,
    pauseDetail: detail,
    pausedAt: now,
    probeUntil: null,
  };
}

/** New credentials or settings are worth a try at once, whatever the old ones came to. */
export function withoutOutdatedPauses(pace: CallLimits, connectionUpdatedAt: Date): CallLimits {
  const outdated = (at: Date | null) => at !== null && at < connectionUpdatedAt;
  const stopped = Object.fromEntries(
    Object.entries(pace.stopped).filter(([, stop]) => !outdated(new Date(stop.at))),
  ) as CallLimits["stopped"];
  const isStale = pace.pauseReason !== "throttled" && outdated(pace.pausedAt);
  return isStale ? { ...freshCallLimits, calls: pace.calls, stopped } : { ...pace, stopped };
}

function recentCalls(pace: CallLimits, now: Date): [second: number, calls: number][] {
  const oldest = secondOf(now) - windowS;
  return Object.entries(pace.calls)
    .map(([second, calls]): [number, number] => [Number(second), calls])
    .filter(([second]) => second >= oldest)
    .sort(([a], [b]) => a - b);
}

function secondOf(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
