import type { Sender, SentDelivery } from "../attempt/sender.ts";
import type { LeasedDelivery } from "./claim.ts";
import { beginAttempt, endAttempt } from "./endpoint-state.ts";

export type RunningAttempts = {
  /** Runs one attempt and counts it while it runs. `isBegun`: its endpoint counts it already. Never rejects. */
  run(leased: LeasedDelivery, isBegun: boolean): Promise<SentDelivery>;
  /** `unproven`: attempts at endpoints that were not proven when they began. */
  count(): { total: number; unproven: number };
  /** Resolves when the running attempts have ended and their outcomes are with the recorder. */
  ended(): Promise<void>;
};

export function createRunningAttempts(deps: {
  sender: Sender;
  endpointInFlightMax: number;
  nowMs: () => number;
}): RunningAttempts {
  const { sender, endpointInFlightMax, nowMs } = deps;
  const running = new Set<Promise<SentDelivery>>();
  let unproven = 0;

  return {
    async run({ state, endpoint, delivery, leaseId }, isBegun) {
      const wasProven = state.isProven;
      if (!isBegun) beginAttempt(state);
      if (!wasProven) unproven += 1;
      const attempt = sender.send(endpoint, delivery, leaseId);
      running.add(attempt);
      const sent = await attempt;
      running.delete(attempt);
      if (!wasProven) unproven -= 1;
      const { kind } = sent.httpOutcome;
      const isDelivered = kind === "unsent" ? null : kind === "delivered";
      endAttempt(state, { deliveryId: delivery.deliveryId, isDelivered }, endpointInFlightMax, nowMs());
      return sent;
    },
    count: () => ({ total: running.size, unproven }),
    async ended() {
      await Promise.all(running);
    },
  };
}
