import type { ShardRunner } from "../../batch/shard-runner.ts";
import type { DeliverLimits } from "../limits.ts";
import { beginClaim, capacityInMs, type EndpointState, endpointCapacity, markDue } from "./endpoint-state.ts";
import { createEndpointStates } from "./endpoint-states.ts";
import { type EndpointShare, type FreeAttempts, pick } from "./pick.ts";

/** The endpoints with something due, in a line per shard, and the states of all known endpoints. */
export type EndpointQueue = {
  /** Deliveries of these endpoints became due. `includeOld`: some of them may have been due for long. */
  wake(shard: number, endpointIds: Iterable<string>, includeOld: boolean): void;
  /** A delivery of the endpoint will be due in `ms`. */
  wakeAfter(state: EndpointState, ms: number): void;
  /** Puts the endpoint into its shard's line where it has something due and capacity; else a timer does it later. */
  offer(state: EndpointState): void;
  /** Takes endpoints out of the line for one claim. */
  pick(shard: number, free: FreeAttempts): EndpointShare[];
  /** Attempts ended or were recorded: endpoints that stayed in the line for lack of them are picked again. */
  attemptsFreed(): void;
  /** The state of an endpoint, a new one where it is not known. */
  stateOf(shard: number, endpointId: string): EndpointState;
  states(): Iterable<EndpointState>;
  /** Nothing is put into a line from now on. */
  stop(): void;
};

/** `runner` runs a claim of a shard, which calls `pick`. */
export function createEndpointQueue(deps: {
  limits: DeliverLimits;
  runner: ShardRunner;
  nowMs: () => number;
}): EndpointQueue {
  const { limits, runner, nowMs } = deps;
  const states = createEndpointStates();
  const lines = new Map<number, Set<EndpointState>>();
  let isStarved = false;
  let isStopped = false;

  function offer(state: EndpointState): void {
    if (!state.hasDue || isStopped) return;
    const now = nowMs();
    if (endpointCapacity(state, limits.endpointInFlightMax, now) > 0) {
      const line = lines.get(state.shard);
      if (line) line.add(state);
      else lines.set(state.shard, new Set([state]));
      runner.request(state.shard);
    } else {
      const waitMs = capacityInMs(state, now);
      if (waitMs !== null) wakeAfter(state, waitMs);
    }
  }

  /** Of several times the earliest counts. */
  function wakeAfter(state: EndpointState, ms: number): void {
    const atMs = nowMs() + ms;
    if (state.timer !== null) {
      if (state.timer.atMs <= atMs) return;
      clearTimeout(state.timer.timeout);
    }
    const timeout = setTimeout(() => {
      state.timer = null;
      markDue(state, false);
      offer(state);
    }, ms).unref();
    state.timer = { atMs, timeout };
  }

  return {
    wake(shard, endpointIds, includeOld) {
      for (const endpointId of endpointIds) {
        const state = states.of(shard, endpointId);
        markDue(state, includeOld);
        offer(state);
      }
    },
    wakeAfter,
    offer,
    pick(shard, free) {
      const line = lines.get(shard);
      if (!line) return [];
      const { shares, withoutCapacity, ...rest } = pick(line, free, limits, nowMs());
      for (const state of withoutCapacity) line.delete(state);
      for (const { state } of shares) {
        line.delete(state);
        beginClaim(state);
      }
      if (line.size === 0) lines.delete(shard);
      if (rest.isStarved) isStarved = true;
      if (rest.isMore) runner.request(shard);
      return shares;
    },
    attemptsFreed() {
      if (!isStarved) return;
      isStarved = false;
      for (const shard of lines.keys()) runner.request(shard);
    },
    stateOf: states.of,
    states: states.all,
    stop() {
      isStopped = true;
    },
  };
}
