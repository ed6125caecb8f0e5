import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { createShardRunner } from "../../batch/shard-runner.ts";
import { throttledLog } from "../../batch/throttled-log.ts";
import type { Queryable } from "../../database/connect.ts";
import type { Endpoint } from "../endpoint-store.ts";
import type { Endpoints } from "../endpoints.ts";
import type { DeliverLimits } from "../limits.ts";
import { type ClaimedDelivery, type ClaimRequest, claimDue } from "./claim-store.ts";
import { createEndpointStates, type EndpointState } from "./endpoint-state.ts";
import { takeFromRate } from "./rate-store.ts";
import { afterAttempt, isOpen, roomOf } from "./send-window.ts";

export type Dispatcher = {
  /** Something of these endpoints fell due just now. `isOld`: or long ago, and is to be looked for. */
  wake(shard: number, endpointIds: Iterable<string>, options?: { isOld: boolean }): void;
  /** Something falls due then. */
  wakeLater(shard: number, endpointId: string, ms: number): void;
  /** There is room again: outcomes were written. */
  freed(): void;
  count(): { inFlight: number; openBreakers: number; endpoints: number };
  /** No more claims. Resolves once none is under way and the attempts have ended. */
  stop(): Promise<void>;
};

type Share = { flow: EndpointState; capacity: number };

/** What an attempt came to, as far as the pace goes; null where nothing was sent. */
export type AttemptResult = { isDelivered: boolean } | null;

/** What a claim may have missed because it was not committed yet: rows carry the time their transaction began. */
const lateCommitMs = 60_000;
/** Pause after the database did not answer a claim. */
const againMs = 500;
/** Attempts are not begun with less than this left for recording them, in ms. */
const recordingMs = 2000;

/**
 * Decides what is claimed next: endpoints that have something due and room for it, in turn, each within its window, its rate and
 * the bounds for all. One claim in flight per shard; what wakes meanwhile is in the next.
 */
export function createDispatcher(deps: {
  sql: Queryable;
  log: Logger;
  limits: DeliverLimits;
  endpoints: Endpoints;
  nowMs: () => number;
  /** Outcomes not written yet: they count as running. */
  unrecorded: () => number;
  /** Sends, and hands the outcome on to be recorded. Never rejects. */
  send: (endpoint: Endpoint, delivery: ClaimedDelivery, leaseId: string) => Promise<AttemptResult>;
}): Dispatcher {
  const { sql, log, limits, endpoints, nowMs, unrecorded, send } = deps;
  const warn = throttledLog(log, "deliveries cannot be claimed");
  const { flows, flowOf } = createEndpointStates();
  /** By shard, in the order of asking. */
  const ready = new Map<number, Set<EndpointState>>();
  const turns = createShardRunner(limits.claimsMax, claimOf);
  const running = new Set<Promise<void>>();
  let inFlight = 0;
  let unprovenInFlight = 0;
  let isStarved = false;
  let isStopped = false;

  /** Lets the flow take part in its shard's next claim; where it has no room yet, later. */
  function offer(flow: EndpointState): void {
    if (!flow.isWanted || isStopped) return;
    const now = nowMs();
    if (room(flow, now) > 0) {
      const set = ready.get(flow.shard);
      if (set) set.add(flow);
      else ready.set(flow.shard, new Set([flow]));
      turns.request(flow.shard);
    } else if (flow.rateFreeAtMs > now) {
      later(flow, flow.rateFreeAtMs - now);
    } else if (flow.inFlight === 0) {
      later(flow, Math.max(flow.pace.probeAtMs - now, 1));
    }
  }

  function room(flow: EndpointState, now: number): number {
    if (flow.rateFreeAtMs > now) return 0;
    return roomOf(flow.pace, flow.inFlight, limits.endpointInFlightMax, now);
  }

  function later(flow: EndpointState, ms: number): void {
    const at = nowMs() + ms;
    if (flow.timer !== null) {
      if (flow.timerAtMs <= at) return;
      clearTimeout(flow.timer);
    }
    flow.timerAtMs = at;
    flow.timer = setTimeout(() => {
      flow.timer = null;
      flow.isWanted = true;
      offer(flow);
    }, ms).unref();
  }

  /** Takes flows out of the shard's line, as many as there is room for. `isMore`: the batch is full, and the line is longer. */
  function pick(shard: number): { picked: Share[]; isMore: boolean } {
    const line = ready.get(shard) ?? new Set();
    const now = nowMs();
    const total = limits.inFlightMax - inFlight - unrecorded();
    const share = Math.max(Math.floor(total * limits.shareOfFree), 1);
    let free = Math.min(limits.claimBatchMax, total);
    let unprovenFree = limits.unprovenInFlightMax - unprovenInFlight;
    const picked: Share[] = [];
    for (const flow of line) {
      if (free <= 0) break;
      const own = room(flow, now);
      const capacity = Math.min(own, free, share - flow.inFlight, flow.isProven ? own : unprovenFree);
      if (capacity <= 0 && own > 0) {
        isStarved = true;
        continue;
      }
      line.delete(flow);
      if (capacity <= 0) continue;
      flow.isWanted = false;
      free -= capacity;
      if (!flow.isProven) unprovenFree -= capacity;
      picked.push({ flow, capacity });
    }
    if (line.size === 0) ready.delete(shard);
    const isFull = total <= picked.reduce((sum, share) => sum + share.capacity, 0);
    if (isFull && line.size > 0) isStarved = true;
    return { picked, isMore: free <= 0 && !isFull && line.size > 0 };
  }

  async function claimOf(shard: number): Promise<void> {
    if (isStopped) return;
    const { picked, isMore } = pick(shard);
    if (isMore) turns.request(shard);
    if (picked.length === 0) return;
    try {
      const ids = picked.map(share => share.flow.endpointId);
      const known = await endpoints.get(shard, ids);
      const shares = await withinRates(shard, picked, known);
      if (shares.length > 0) await claim(shard, shares, known);
    } catch (error) {
      warn(error, { shard });
      for (const { flow } of picked) later(flow, againMs);
    }
    for (const { flow } of picked) offer(flow);
  }

  /** What may be asked for under the rate limits. */
  async function withinRates(shard: number, picked: Share[], known: Map<string, Endpoint>): Promise<Share[]> {
    const there = picked.filter(p => known.has(p.flow.endpointId));
    const limited = there.filter(p => known.get(p.flow.endpointId)!.rateLimitPerS !== null);
    if (limited.length === 0) return there;
    const wishes = limited.map(p => ({ endpointId: p.flow.endpointId, wished: p.capacity }));
    const grants = new Map((await takeFromRate(sql, shard, wishes)).map(grant => [grant.endpointId, grant]));
    return there.flatMap(({ flow, capacity }) => {
      const grant = grants.get(flow.endpointId);
      if (!grant) return [{ flow, capacity }];
      if (grant.granted < capacity) {
        flow.rateFreeAtMs = nowMs() + grant.nextInMs;
        flow.isWanted = true;
      }
      return grant.granted === 0 ? [] : [{ flow, capacity: grant.granted }];
    });
  }

  async function claim(shard: number, picked: Share[], known: Map<string, Endpoint>): Promise<void> {
    const askedAtMs = nowMs();
    const since = performance.now();
    const asks: ClaimRequest[] = picked.map(({ flow, capacity }) => ({
      endpointId: flow.endpointId,
      capacity,
      sinceMs: flow.drainedAtMs === null ? null : askedAtMs - flow.drainedAtMs + lateCommitMs,
    }));
    const lease = { id: randomUUID(), ms: limits.leaseMs };
    const { claimed, parked } = await claimDue(sql, shard, asks, lease);
    const taken = new Map(parked);
    for (const { endpointId } of claimed) taken.set(endpointId, (taken.get(endpointId) ?? 0) + 1);
    for (const { flow, capacity } of picked) {
      if ((taken.get(flow.endpointId) ?? 0) >= capacity) flow.isWanted = true;
      else flow.drainedAtMs = askedAtMs;
    }
    // This process was stopped for a while: by now the deliveries may be another's.
    if (performance.now() - since > limits.leaseMs - limits.attemptMs - recordingMs) return;
    for (const delivery of claimed)
      run(flowOf(shard, delivery.endpointId), known.get(delivery.endpointId)!, delivery, lease.id);
  }

  function run(flow: EndpointState, endpoint: Endpoint, delivery: ClaimedDelivery, leaseId: string): void {
    const isUnproven = !flow.isProven;
    flow.inFlight += 1;
    inFlight += 1;
    if (isUnproven) unprovenInFlight += 1;
    const ended = send(endpoint, delivery, leaseId).then(result => {
      flow.inFlight -= 1;
      inFlight -= 1;
      if (isUnproven) unprovenInFlight -= 1;
      running.delete(ended);
      if (result !== null) {
        const { deliveryId } = delivery;
        flow.pace = afterAttempt(flow.pace, { deliveryId, ...result }, limits.endpointInFlightMax, nowMs());
        flow.isProven = result.isDelivered;
      }
      offer(flow);
      freed();
    });
    running.add(ended);
  }

  function freed(): void {
    if (!isStarved) return;
    isStarved = false;
    for (const shard of ready.keys()) turns.request(shard);
  }

  return {
    wake(shard, endpointIds, options) {
      for (const endpointId of endpointIds) {
        const flow = flowOf(shard, endpointId);
        flow.isWanted = true;
        if (options?.isOld) flow.drainedAtMs = null;
        offer(flow);
      }
    },
    wakeLater(shard, endpointId, ms) {
      later(flowOf(shard, endpointId), ms);
    },
    freed,
    count() {
      let openBreakers = 0;
      for (const flow of flows.values()) if (isOpen(flow.pace)) openBreakers += 1;
      return { inFlight, openBreakers, endpoints: flows.size };
    },
    async stop() {
      isStopped = true;
      await turns.idle();
      await Promise.all(running);
    },
  };
}
