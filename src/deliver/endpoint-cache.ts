import { LRUCache } from "lru-cache";
import type { Queryable } from "../database/connect.ts";
import type { SecretBox } from "../database/encryption.ts";
import { type Endpoint, loadEndpoints } from "./endpoint-store.ts";

export type EndpointCache = {
  /** The existing ones of some endpoints of one shard, by id. At most one statement. */
  get(shard: number, ids: readonly string[]): Promise<Map<string, Endpoint>>;
  /** The endpoint as it was last read, however long ago; null where it was not, or was changed since. */
  lastSeen(id: string): Endpoint | null;
  /** The endpoint was changed, by this process or another; null: any may have been. */
  forget(id: string | null): void;
};

const endpointsMax = 20_000;

/**
 * Endpoints with their secrets opened, kept for `cacheMs`: opening secrets for each delivery would cost more than
 * signing.
 */
export function createEndpointCache(deps: {
  sql: Queryable;
  box: SecretBox;
  cacheMs: number;
  nowMs: () => number;
}): EndpointCache {
  const { sql, box, cacheMs, nowMs } = deps;
  const cached = new LRUCache<string, { endpoint: Endpoint; loadedAtMs: number }>({ max: endpointsMax });
  let changes = 0;

  return {
    async get(shard, ids) {
      const found = new Map<string, Endpoint>();
      const missing: string[] = [];
      for (const id of ids) {
        const entry = cached.get(id);
        if (entry && nowMs() - entry.loadedAtMs < cacheMs) found.set(id, entry.endpoint);
        else missing.push(id);
      }
      if (missing.length === 0) return found;
      const [changesBefore, loadedAtMs] = [changes, nowMs()];
      for (const endpoint of await loadEndpoints(sql, box, shard, missing)) {
        found.set(endpoint.id, endpoint);
        // An endpoint that was changed while it was read may be the old one: used this once and not kept.
        if (changes === changesBefore) cached.set(endpoint.id, { endpoint, loadedAtMs });
      }
      return found;
    },
    lastSeen: id => cached.peek(id)?.endpoint ?? null,
    forget(id) {
      changes += 1;
      if (id === null) cached.clear();
      else cached.delete(id);
    },
  };
}
