import type { Connection } from "../../connections/connection.ts";
import type { Kind } from "../../domain/kinds.ts";
import type { Provider } from "../../providers/provider.ts";

/** Rate limit and circuit breaker of a connection's calls, shared by all processes. Times are the database's. */
export type CallLimits = {
  /** Reserved calls of the last minute by Unix second. */
  calls: Record<string, number>;
  pausedUntil: Date | null;
  pauseReason: PauseReason | null;
  pauseDetail: string | null;
  pausedAt: Date | null;
  /** Calls without an answer, in a row. */
  errors: number;
  /** Pauses for the same reason, in a row. */
  pauses: number;
  /** While a probe of the open breaker is under way: when another may start. */
  probeUntil: Date | null;
  /** Kinds that must not be polled, since when and why. */
  stopped: Partial<Record<Kind, { reason: string; at: string }>>;
};
type PauseReason = "throttled" | "errors" | "credentials";

export const initialCallLimits: CallLimits = {
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

export type CallAllowance =
  | { kind: "allowed"; calls: number; probe: boolean }
  | { kind: "refused"; why: PauseReason | "rate"; until: Date };

/**
 * How long a reserved call counts, in whole seconds after its own. Two calls that use the same part of the allowance
 * are then at least 61 s apart: a minute, and a second for calls that reach the provider late.
 */
const windowS = 61;
/** Errors in a row that open the breaker. */
export const errorsMax = 5;
const probeMs = 30_000;
/** The first pause for each reason and the longest, in seconds. */
const pauseS = {
  throttled: { first: 30, max: 600 },
  errors: { first: 30, max: 300 },
  credentials: { first: 600, max: 3600 },
} as const satisfies Record<PauseReason, { first: number; max: number }>;

const ratePerMinuteByDefault = 60;

/** Calls per minute: the connection's setting, or what the provider is known to accept. */
export function callRatePerMinute({ settings, environment }: Connection, provider: Provider | undefined): number {
  return settings.reconcile?.rate_per_minute ?? provider?.status?.ratePerMinute[environment] ?? ratePerMinuteByDefault;
}

/** How many of `wanted` calls are allowed at `now`. While the breaker is open, one probe at a time is allowed. */
export function callsAllowed(limits: CallLimits, ratePerMinute: number, wanted: number, now: Date): CallAllowance {
  if (limits.pausedUntil !== null && limits.pausedUntil > now) {
    return { kind: "refused", why: limits.pauseReason ?? "throttled", until: limits.pausedUntil };
  }
  const isOpen = limits.errors >= errorsMax;
  if (isOpen && limits.probeUntil !== null && limits.probeUntil > now) {
    return { kind: "refused", why: "errors", until: limits.probeUntil };
  }
  const recent = recentCalls(limits, now);
  const left = ratePerMinute - recent.reduce((sum, [, calls]) => sum + calls, 0);
  if (left <= 0) return { kind: "refused", why: "rate", until: new Date((recent[0]![0] + windowS + 1) * 1000) };
  return { kind: "allowed", calls: isOpen ? 1 : Math.min(left, wanted), probe: isOpen };
}

/** The limits after `calls` were reserved at `now`. */
export function withReservedCalls(limits: CallLimits, calls: number, probe: boolean, now: Date): CallLimits {
  const second = secondOf(now);
  const recent = Object.fromEntries(recentCalls(limits, now));
  return {
    ...limits,
    calls: { ...recent, [second]: (recent[second] ?? 0) + calls },
    probeUntil: probe ? new Date(now.getTime() + probeMs) : limits.probeUntil,
  };
}

/** The outcome of a call, as far as it concerns the limits. */
export type CallOutcome =
  | { kind: "answered" }
  | { kind: "error" }
  | { kind: "throttled"; retryAfterS: number | null }
  | { kind: "credentials"; reason: string };

/**
 * The limits after the outcome of a call; the same object where nothing changes. A provider that throttles is
 * available: it closes the breaker as an answer does.
 */
export function afterOutcome(limits: CallLimits, outcome: CallOutcome, now: Date): CallLimits {
  switch (outcome.kind) {
    case "answered":
      return afterAnswer(limits, now);
    case "throttled":
      return paused({ ...limits, errors: 0 }, "throttled", outcome.retryAfterS, null, now);
    case "credentials":
      return paused(limits, "credentials", null, outcome.reason, now);
    case "error": {
      const errors = limits.errors + 1;
      const isPaused = limits.pausedUntil !== null && limits.pausedUntil > now;
      if (errors < errorsMax || isPaused) return { ...limits, errors };
      return paused({ ...limits, errors }, "errors", null, null, now);
    }
  }
}

function afterAnswer(limits: CallLimits, now: Date): CallLimits {
  if (isUndisturbed(limits)) return limits;
  // A late answer does not end a pause that began meanwhile for another reason than errors.
  const isPaused = limits.pausedUntil !== null && limits.pausedUntil > now && limits.pauseReason !== "errors";
  return isPaused ? limits : { ...initialCallLimits, calls: limits.calls, stopped: limits.stopped };
}

/** Whether an answer changes nothing: no errors, no pauses, no probe. */
export function isUndisturbed({ errors, pauses, probeUntil }: CallLimits): boolean {
  return errors === 0 && pauses === 0 && probeUntil === null;
}

/** Each pause for the same reason is twice as long as the last, unless the provider named a time. */
function paused(
  limits: CallLimits,
  why: PauseReason,
  retryAfterS: number | null,
  detail: string | null,
  now: Date,
): CallLimits {
  const isSameReason = limits.pauseReason === why;
  const isAlreadyPaused = isSameReason && limits.pausedUntil !== null && limits.pausedUntil > now;
  const pauses = isAlreadyPaused ? limits.pauses : isSameReason ? limits.pauses + 1 : 1;
  const seconds = Math.max(1, retryAfterS ?? Math.min(pauseS[why].first * 2 ** (pauses - 1), pauseS[why].max));
  const until = new Date(now.getTime() + seconds * 1000);
  return {
    ...limits,
    pauses,
    pausedUntil: isAlreadyPaused && limits.pausedUntil! > until ? limits.pausedUntil! : until,
    pauseReason: why,
    pauseDetail: detail,
    pausedAt: now,
    probeUntil: null,
  };
}

/**
 * Drops pauses for errors and credentials, and stopped kinds, from before the connection was changed. A throttled pause
 * stays.
 */
export function withoutOutdatedPauses(limits: CallLimits, connectionUpdatedAt: Date): CallLimits {
  const isOutdated = (at: Date | null) => at !== null && at < connectionUpdatedAt;
  const stopped = Object.fromEntries(
    Object.entries(limits.stopped).filter(([, stop]) => !isOutdated(new Date(stop.at))),
  ) as CallLimits["stopped"];
  const isStale = limits.pauseReason !== "throttled" && isOutdated(limits.pausedAt);
  return isStale ? { ...initialCallLimits, calls: limits.calls, stopped } : { ...limits, stopped };
}

function recentCalls(limits: CallLimits, now: Date): [second: number, calls: number][] {
  const oldest = secondOf(now) - windowS;
  return Object.entries(limits.calls)
    .map(([second, calls]): [number, number] => [Number(second), calls])
    .filter(([second]) => second >= oldest)
    .sort(([a], [b]) => a - b);
}

function secondOf(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
