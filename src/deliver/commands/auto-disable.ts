import type { Logger } from "pino";
import type { Sql } from "../../database/connect.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { type DisableReason, disableEndpoint } from "./disable.ts";
import { failPending } from "./fail-pending.ts";

export type AutoDisable = {
  /** Disables an endpoint. Returns the merchant's other endpoints: they have an event about it. Never rejects. */
  disable(shard: number, endpointId: string, reason: DisableReason): Promise<string[]>;
  /** Fails the pending deliveries of an endpoint that is disabled or deleted, in the background: they may be many. */
  failPending(shard: number, endpointId: string): void;
};

/** What the program does by itself to an endpoint that is gone or has failed for too long. Once at a time for each. */
export function createAutoDisable(deps: {
  sql: Sql;
  auditKey: Buffer;
  log: Logger;
  telemetry: Telemetry;
}): AutoDisable {
  const { sql, log, telemetry } = deps;
  const disabling = new Set<string>();
  const failing = new Set<string>();

  async function failPendingOf(shard: number, endpointId: string): Promise<void> {
    if (failing.has(endpointId)) return;
    failing.add(endpointId);
    try {
      const deliveries = await failPending(sql, shard, endpointId);
      if (deliveries > 0)
        log.info(
          { endpoint_id: endpointId, deliveries },
          "pending deliveries marked failed: endpoint disabled or deleted",
        );
    } catch (error) {
      // The next scan tries again.
      log.debug({ err: error, endpoint_id: endpointId }, "pending deliveries of a disabled endpoint not failed yet");
    } finally {
      failing.delete(endpointId);
    }
  }

  return {
    async disable(shard, endpointId, reason) {
      if (disabling.has(endpointId)) return [];
      disabling.add(endpointId);
      try {
        const others = await disableEndpoint(deps, shard, endpointId, reason);
        if (others === null) return [];
        telemetry.publish("endpoint.disabled", () => ({ endpointId, reason }));
        log.warn({ endpoint_id: endpointId, reason }, "endpoint disabled");
        void failPendingOf(shard, endpointId);
        return others;
      } catch (error) {
        // The next 410, or the next failure, tries again.
        log.error({ err: error, endpoint_id: endpointId, reason }, "endpoint could not be disabled");
        return [];
      } finally {
        disabling.delete(endpointId);
      }
    },
    failPending: (shard, endpointId) => void failPendingOf(shard, endpointId),
  };
}
