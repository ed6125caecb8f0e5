import type { Sql } from "../../database/connect.ts";
import { recover } from "./recover.ts";
import { type ReplayRequest, replay } from "./replay.ts";
import { type RetryResult, retryDelivery } from "./retry.ts";
import { type EndpointRef, sendTest } from "./send-test.ts";

export type DeliverCommands = {
  enqueueTest(endpoint: EndpointRef): Promise<{ eventId: string; deliveryId: string }>;
  /** The delivery is there; its endpoint may not be. */
  retry(delivery: { shard: number; deliveryId: string }): Promise<RetryResult>;
  recover(request: EndpointRef & { since: Date }): Promise<number>;
  replay(request: ReplayRequest): Promise<number>;
};

/** What people may ask of deliveries, each followed by a wake-up for whoever delivers in this process, if anybody does. */
export function deliverCommands(deps: {
  sql: Sql;
  wake: (shard: number, endpointIds: string[]) => void;
  now: () => Date;
}): DeliverCommands {
  const { sql, wake, now } = deps;
  return {
    async enqueueTest(endpoint) {
      const queued = await sendTest(sql, endpoint, now());
      wake(endpoint.shard, [endpoint.endpointId]);
      return queued;
    },
    async retry({ shard, deliveryId }) {
      const found = await retryDelivery(sql, shard, deliveryId);
      if (found === null) return "endpoint deleted";
      wake(shard, [found.endpointId]);
      return found.outcome;
    },
    async recover({ shard, endpointId, since }) {
      const requeued = await recover(sql, shard, endpointId, since);
      wake(shard, [endpointId]);
      return requeued;
    },
    async replay(request) {
      const sent = await replay(sql, request, now());
      wake(request.shard, [request.endpointId]);
      return sent;
    },
  };
}
