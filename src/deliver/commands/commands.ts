import type { Sql } from "../../database/connect.ts";
import { recover } from "./recover.ts";
import { type ReplayRequest, replay } from "./replay.ts";
import { type RetryResult, retry } from "./retry.ts";
import { type EndpointRef, sendTest } from "./send-test.ts";

export type DeliverCommands = {
  enqueueTest(endpoint: EndpointRef): Promise<{ eventId: string; deliveryId: string }>;
  /** The delivery exists; its endpoint may be deleted. */
  retry(delivery: { shard: number; deliveryId: string }): Promise<RetryResult>;
  recover(request: EndpointRef & { since: Date }): Promise<number>;
  replay(request: ReplayRequest): Promise<number>;
};

/**
 * The commands of operators and merchants on deliveries. `wake` tells the worker, in this process or another, that
 * deliveries are due.
 */
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
      const found = await retry(sql, shard, deliveryId);
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
