import type { Queryable } from "../../database/connect.ts";
import { newLeaseId } from "../../database/lease-ids.ts";
import type { ClaimedDelivery } from "../delivery.ts";
import type { EndpointCache } from "../endpoint-cache.ts";
import type { Endpoint } from "../endpoint-store.ts";
import type { DeliverLimits } from "../limits.ts";
import { claimDue } from "./claim-store.ts";
import { type EndpointState, markClaimed, markRateLimited } from "./endpoint-state.ts";
import type { EndpointShare } from "./pick.ts";
import { takeFromRateLimits } from "./rate-store.ts";

export type ClaimDeps = { sql: Queryable; endpoints: EndpointCache; limits: DeliverLimits; nowMs: () => number };

/** A delivery leased to this process, with all that an attempt needs. */
export type LeasedDelivery = { state: EndpointState; endpoint: Endpoint; delivery: ClaimedDelivery; leaseId: string };

/**
 * How long ago a row that the last claim missed may have become due, in ms: a row carries the time at which its
 * database transaction began, and is seen only after the commit.
 */
const lateCommitMs = 60_000;
/** The part of a lease that is left for recording the outcome, in ms. */
export const recordingMs = 2000;

/** Leases due deliveries of some endpoints of one shard, within their shares and their rate limits. */
export async function claim(deps: ClaimDeps, shard: number, shares: EndpointShare[]): Promise<LeasedDelivery[]> {
  const { sql, limits, nowMs } = deps;
  const endpoints = await deps.endpoints.get(
    shard,
    shares.map(({ state }) => state.endpointId),
  );
  const existing = shares.filter(({ state }) => endpoints.has(state.endpointId));
  const allowed = await withinRateLimits(deps, shard, existing, endpoints);
  if (allowed.length === 0) return [];
  const beganAtMs = nowMs();
  const lease = { id: newLeaseId(), ms: limits.leaseMs };
  const requests = allowed.map(({ state, capacity }) => ({
    endpointId: state.endpointId,
    capacity,
    dueWithinMs: state.emptiedAtMs === null ? null : beganAtMs - state.emptiedAtMs + lateCommitMs,
  }));
  const { claimed, parked } = await claimDue(sql, shard, requests, lease);
  const taken = new Map(parked);
  for (const { endpointId } of claimed) taken.set(endpointId, (taken.get(endpointId) ?? 0) + 1);
  for (const { state, capacity } of allowed) {
    markClaimed(state, { taken: taken.get(state.endpointId) ?? 0, capacity, beganAtMs });
  }
  // The claim took so long, as for a process that was paused, that the lease may end during the attempts.
  if (nowMs() - beganAtMs > limits.leaseMs - limits.attemptMs - recordingMs) return [];
  const states = new Map(allowed.map(({ state }) => [state.endpointId, state]));
  return claimed.map(delivery => ({
    state: states.get(delivery.endpointId)!,
    endpoint: endpoints.get(delivery.endpointId)!,
    delivery,
    leaseId: lease.id,
  }));
}

/**
 * The shares that the rate limits allow. An endpoint that gets less than its share waits until its limit allows more.
 */
async function withinRateLimits(
  { sql, nowMs }: ClaimDeps,
  shard: number,
  shares: EndpointShare[],
  endpoints: ReadonlyMap<string, Endpoint>,
): Promise<EndpointShare[]> {
  const limited = shares.filter(({ state }) => endpoints.get(state.endpointId)!.rateLimitPerS !== null);
  if (limited.length === 0) return shares;
  const requests = limited.map(({ state, capacity }) => ({ endpointId: state.endpointId, requested: capacity }));
  const grants = new Map(
    (await takeFromRateLimits(sql, shard, requests)).map(grant => [grant.endpointId, grant] as const),
  );
  return shares.flatMap(({ state, capacity }) => {
    const grant = grants.get(state.endpointId);
    if (!grant) return [{ state, capacity }];
    if (grant.granted < capacity) markRateLimited(state, nowMs() + grant.nextInMs);
    return grant.granted === 0 ? [] : [{ state, capacity: grant.granted }];
  });
}
