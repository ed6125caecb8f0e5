import type { Logger } from "pino";
import { createShardRunner } from "../../batch/shard-runner.ts";
import { throttledLog } from "../../batch/throttled-log.ts";
import type { Queryable } from "../../database/connect.ts";
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
import type { FreeAttempts } from "./pick.ts";
import { createRunningAttempts } from "./running-attempts.ts";
import { isBreakerOpen } from "./send-window.ts";

export type Dispatcher = {
  /** Deliveries of these endpoints became due. `includeOld`: some of them may have been due for long. */
  wake(shard: number, endpointIds: Iterable<string>, options?: { includeOld: boolean }): void;
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
  let isStopped = false;

  async function claimShard(shard: number): Promise<void> {
    if (isStopped) return;
    const shares = queue.pick(shard, freeAttempts());
    if (shares.length === 0) return;
    try {
      for (const leased of await claim(deps, shard, shares)) void deliver(leased);
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
    return {
      total: limits.inFlightMax - total - recorder.waiting(),
      unproven: limits.unprovenInFlightMax - unproven,
    };
  }

  async function deliver(leased: LeasedDelivery): Promise<void> {
    const sent = await attempts.run(leased);
    queue.offer(leased.state);
    queue.attemptsFreed();
    const recorded = await sent.recorded;
    queue.attemptsFreed();
    if (recorded !== null) followUp(leased.state, sent, recorded);
  }

  /** What follows from the record of an attempt: the next attempt, the next event, or the end of the endpoint. */
  function followUp(state: EndpointState, sent: SentDelivery, recorded: RecordResult): void {
    telemetry.publish("delivery.recorded", () => ({
      deliveryId: sent.outcome.deliveryId,
      endpointId: sent.outcome.endpointId,
      outcome: recorded.kind,
    }));
    if (recorded.kind === "retry" || recorded.kind === "unsent") queue.wakeAfter(state, sent.outcome.delayMs);
    if (recorded.isNextDue) queue.wake(state.shard, [state.endpointId], false);
    if (sent.httpOutcome.kind === "gone") void disable(state, "gone");
    else if (recorded.isFailingTooLong) void disable(state, "hopeless");
  }

  async function disable({ shard, endpointId }: EndpointState, reason: DisableReason): Promise<void> {
    queue.wake(shard, await autoDisable.disable(shard, endpointId, reason), false);
  }

  return {
    wake: (shard, endpointIds, options) => queue.wake(shard, endpointIds, options?.includeOld ?? false),
    count: () => ({ inFlight: attempts.count().total, openBreakers: openBreakersOf(queue.states()) }),
    async stop() {
      isStopped = true;
      queue.stop();
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
