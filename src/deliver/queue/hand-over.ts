import { setTimeout as pause } from "node:timers/promises";
import type { Queryable } from "../../database/connect.ts";
import { newLeaseId } from "../../database/lease-ids.ts";
import type { DeliveryHandOver, DeliveryLease, NewDelivery } from "../../outbox/hand-over.ts";
import type { Endpoint } from "../endpoint-store.ts";
import type { DeliverLimits } from "../limits.ts";
import { type LeasedDelivery, recordingMs } from "./claim.ts";
import { beginAttempt, cancelAttempt, type EndpointState, hasRoomForOne } from "./endpoint-state.ts";
import type { FreeAttempts } from "./pick.ts";
import { releaseLeased } from "./release-leased-store.ts";

const releaseEveryMs = 500;

export type HandOverDeps = {
  sql: Queryable;
  limits: DeliverLimits;
  nowMs: () => number;
  stateOf(shard: number, endpointId: string): EndpointState;
  /** Attempts that may start now. */
  free(): FreeAttempts;
  /** The endpoint as it was last seen; null where it was not. */
  lastSeen(endpointId: string): Endpoint | null;
  /** The existing endpoints, at most one statement. */
  endpoints(shard: number, ids: readonly string[]): Promise<ReadonlyMap<string, Endpoint>>;
  /** The attempt that was begun for it goes on. */
  send(leased: LeasedDelivery): void;
  /** An attempt that was begun is not made: deliveries that waited for it may be claimed. */
  freed(state: EndpointState): void;
  /** Deliveries of the endpoint are to be claimed. */
  wake(shard: number, endpointId: string): void;
};

type Taken = NewDelivery & { state: EndpointState };
type Open = { shard: number; taken: Taken[]; loading: Promise<ReadonlyMap<string, Endpoint>>; beganAtMs: number };

/**
 * Takes new deliveries within the bounds of a claim: the endpoint's window and breaker, its share of the free attempts,
 * and nothing of it that waits to be claimed. An attempt counts as running from here on. Endpoints with a rate limit
 * are left to the claims, which keep it across processes.
 */
export function createDeliveryHandOver(deps: HandOverDeps): DeliveryHandOver & { count(): number; stop(): void } {
  const { limits, nowMs } = deps;
  const open = new Map<string, Open>();
  let begun = 0;
  let isStopped = false;

  function cancel(taken: readonly Taken[]): void {
    begun -= taken.length;
    for (const { state } of taken) {
      cancelAttempt(state);
      deps.freed(state);
    }
  }

  async function sendHeld(leaseId: string, held: readonly Taken[], { shard, loading, beganAtMs }: Open) {
    const endpoints = await loading.catch(() => new Map<string, Endpoint>());
    const isLate = nowMs() - beganAtMs > limits.leaseMs - limits.attemptMs - recordingMs;
    const refused: Taken[] = [];
    for (const taken of held) {
      const endpoint = endpoints.get(taken.state.endpointId);
      if (isLate || isStopped || !endpoint || endpoint.rateLimitPerS !== null) refused.push(taken);
      else {
        begun -= 1;
        deps.send({ state: taken.state, endpoint, delivery: claimedOf(taken), leaseId });
      }
    }
    if (refused.length === 0) return;
    cancel(refused);
    await release(deps, shard, leaseId, refused, beganAtMs + limits.leaseMs);
  }

  function end(lease: DeliveryLease): Open | null {
    const ended = open.get(lease.id) ?? null;
    open.delete(lease.id);
    return ended;
  }

  return {
    lease(shard, deliveries) {
      const { taken, parkedIds } = isStopped ? nothing : choose(deps, shard, deliveries);
      if (taken.length === 0) return null;
      begun += taken.length;
      const id = newLeaseId();
      const loading = deps.endpoints(shard, [...new Set(taken.map(({ state }) => state.endpointId))]);
      loading.catch(() => {});
      open.set(id, { shard, taken, loading, beganAtMs: nowMs() });
      return { id, ms: limits.leaseMs, leasedIds: new Set(taken.map(({ delivery }) => delivery.id)), parkedIds };
    },
    committed(lease, heldIds) {
      const ended = end(lease);
      if (ended === null) return;
      cancel(ended.taken.filter(({ delivery }) => !heldIds.has(delivery.id)));
      const held = ended.taken.filter(({ delivery }) => heldIds.has(delivery.id));
      if (held.length > 0) void sendHeld(lease.id, held, ended);
    },
    notCommitted(lease, isUnknown) {
      const ended = end(lease);
      if (ended === null) return;
      cancel(ended.taken);
      if (isUnknown) void release(deps, ended.shard, lease.id, ended.taken, ended.beganAtMs + limits.leaseMs);
    },
    count: () => begun,
    stop() {
      isStopped = true;
    },
  };
}

const nothing: { taken: Taken[]; parkedIds: Set<string> } = { taken: [], parkedIds: new Set() };

/** Begins an attempt for the first delivery of each order whose endpoint has room. Those after it are parked. */
function choose(deps: HandOverDeps, shard: number, deliveries: readonly NewDelivery[]): typeof nothing {
  const taken: Taken[] = [];
  const parkedIds = new Set<string>();
  const isFirstTaken = new Map<string, boolean>();
  const free = deps.free();
  for (const each of deliveries) {
    const { delivery, event } = each;
    const order = `${delivery.endpointId}|${delivery.orderKey}`;
    const known = isFirstTaken.get(order);
    if (known) parkedIds.add(delivery.id);
    if (known !== undefined || delivery.state !== "pending") continue;
    const state = deps.stateOf(shard, delivery.endpointId);
    const isTaken = event.environment !== null && hasRoom(deps, state, free);
    isFirstTaken.set(order, isTaken);
    if (!isTaken) continue;
    beginAttempt(state);
    taken.push({ ...each, state });
    free.total -= 1;
    if (!state.isProven) free.unproven -= 1;
  }
  return { taken, parkedIds };
}

function hasRoom({ limits, nowMs, lastSeen }: HandOverDeps, state: EndpointState, free: FreeAttempts): boolean {
  const endpoint = lastSeen(state.endpointId);
  if (endpoint !== null && (endpoint.rateLimitPerS !== null || endpoint.problem !== null)) return false;
  if (free.total <= 0 || (!state.isProven && free.unproven <= 0)) return false;
  const share = Math.max(Math.floor(free.total * limits.endpointShareOfFree), 1);
  return state.inFlight < share && hasRoomForOne(state, limits.endpointInFlightMax, nowMs());
}

/** Makes deliveries due at once. Without the database their leases end with this process, or run out. */
async function release(
  { sql, nowMs, wake }: HandOverDeps,
  shard: number,
  leaseId: string,
  taken: readonly Taken[],
  untilMs: number,
): Promise<void> {
  const positions = taken.map(({ delivery }) => delivery);
  while (nowMs() < untilMs) {
    try {
      await releaseLeased(sql, shard, leaseId, positions);
      for (const { state } of taken) wake(shard, state.endpointId);
      return;
    } catch {
      await pause(releaseEveryMs, undefined, { ref: false });
    }
  }
}

function claimedOf({ delivery, event }: Taken): LeasedDelivery["delivery"] {
  const { endpointId, orderKey, sequence, id: deliveryId } = delivery;
  const { id: eventId, environment, body } = event;
  return { endpointId, orderKey, sequence, deliveryId, eventId, environment, body, attempts: 0, isFirst: true };
}
