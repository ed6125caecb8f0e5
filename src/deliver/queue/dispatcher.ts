import type { Logger } from "pino";
import { createShardRunner } from "../../batch/shard-runner.ts";
import { throttledLog } from "../../batch/throttled-log.ts";
import type { Queryable } from "../../database/connect.ts";
import type { DeliveryHandOver } from "../../outbox/hand-over.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { RecordResult } from "../attempt/outcome-queue.ts";
import type { Recorder } from "../attempt/recorder.ts";
import type { Sender, SentDelivery } from "../attempt/sender.ts";
import type { AutoDisable } from "../commands/auto-disable.ts";
import type { DisableReason } from "../commands/disable.ts";
import type { EndpointCache } from "../endpoint-cache.ts";
import type { DeliverLimits } from "../limits.ts";
import { claim, type LeasedDelivery } from "./claim.ts";
import { createEndpointQueue } from "./endpoint-queue.ts";
import { type EndpointState, endClaim } from "./endpoint-state.ts";
import { createDeliveryHandOver } from "./hand-over.ts";
import type { FreeAttempts } from "./pick.ts";
import { createRunningAttempts } from "./running-attempts.ts";
import { isBreakerOpen } from "./send-window.ts";

export type Dispatcher = {
  /** Deliveries of these endpoints became due. `includeOld`: some of them may have been due for long. */
  wake(shard: number, endpointIds: Iterable<string>, options?: { includeOld: boolean }): void;
  /** Takes deliveries that this process writes. */
  handOver: DeliveryHandOver;
  count(): { inFlight: number; openBreakers: number };
  /** Stops claiming. Resolves when the last claim and the running attempts have ended. */
  stop(): Promise<void>;
};

/** How long the endpoints of a failed claim wait, in ms. */
const retryMs = 500;

/**
 * The loop of delivering: picks endpoints that have something due, claims their deliveries, sends each, and acts on
 * what was recorded. One claim at a time for each shard; endpoints that are woken meanwhile are in the next.
 */
export function createDispatcher(deps: {
  sql: Queryable;
  log: Logger;
  limits: DeliverLimits;
  endpoints: EndpointCache;
  sender: Sender;
  recorder: Recorder;
  autoDisable: AutoDisable;
  telemetry: Telemetry;
  /** Monotonic. */
  nowMs: () => number;
}): Dispatcher {
  const { log, limits, sender, recorder, autoDisable, telemetry, nowMs } = deps;
  const warn = throttledLog(log, "deliveries cannot be claimed; trying again");
  const runner = createShardRunner(limits.claimsMax, claimShard);
  const queue = createEndpointQueue({ limits, runner, nowMs });
  const attempts = createRunningAttempts({ sender, endpointInFlightMax: limits.endpointInFlightMax, nowMs });
  const handOver = createDeliveryHandOver({
    ...{ sql: deps.sql, limits, nowMs },
    stateOf: queue.stateOf,
    free: freeAttempts,
    lastSeen: id => deps.endpoints.lastSeen(id),
    endpoints: (shard, ids) => deps.endpoints.get(shard, ids),
    send: leased => void deliver(leased, true),
    freed(state) {
      queue.offer(state);
      queue.attemptsFreed();
    },
    wake: (shard, endpointId) => queue.wake(shard, [endpointId], false),
  });
  let isStopped = false;

  async function claimShard(shard: number): Promise<void> {
    if (isStopped) return;
    const shares = queue.pick(shard, freeAttempts());
    if (shares.length === 0) return;
    try {
      for (const leased of await claim(deps, shard, shares)) void deliver(leased, false);
    } catch (error) {
      warn(error, { shard });
      for (const { state } of shares) queue.wakeAfter(state, retryMs);
    }
    for (const { state } of shares) {
      endClaim(state);
      queue.offer(state);
    }
  }

  /** Attempts whose outcomes are not recorded yet count as running. */
  function freeAttempts(): FreeAttempts {
    const { total, unproven } = attempts.count();
    const free = limits.inFlightMax - total - handOver.count() - recorder.waiting();
    return { total: free, unproven: limits.unprovenInFlightMax - unproven };
  }

  async function deliver(leased: LeasedDelivery, isBegun: boolean): Promise<void> {
    const sent = await attempts.run(leased, isBegun);
    queue.offer(leased.state);
    queue.attemptsFreed();
    const recorded = await sent.recorded;
    queue.attemptsFreed();
    if (recorded !== null) followUp(leased.state, sent, recorded);
  }

  /** What follows from the record of an attempt: the next attempt, the next event, or the end of the endpoint. */
  function followUp(state: EndpointState, sent: SentDelivery, recorded: RecordResult): void {
    const { deliveryId, endpointId, delayMs } = sent.outcome;
    telemetry.publish("delivery.recorded", () => ({ deliveryId, endpointId, outcome: recorded.kind }));
    if (recorded.kind === "retry" || recorded.kind === "unsent") queue.wakeAfter(state, delayMs);
    if (recorded.isNextDue) queue.wake(state.shard, [endpointId], false);
    if (sent.httpOutcome.kind === "gone") void disable(state, "gone");
    else if (recorded.isFailingTooLong) void disable(state, "hopeless");
  }

  async function disable({ shard, endpointId }: EndpointState, reason: DisableReason): Promise<void> {
    queue.wake(shard, await autoDisable.disable(shard, endpointId, reason), false);
  }

  return {
    wake: (shard, endpointIds, options) => queue.wake(shard, endpointIds, options?.includeOld ?? false),
    handOver,
    count: () => ({ inFlight: attempts.count().total, openBreakers: openBreakersOf(queue.states()) }),
    async stop() {
      isStopped = true;
      queue.stop();
      handOver.stop();
      await runner.idle();
      await attempts.ended();
    },
  };
}

function openBreakersOf(states: Iterable<EndpointState>): number {
  let count = 0;
  for (const { window } of states) if (isBreakerOpen(window)) count += 1;
  return count;
}
