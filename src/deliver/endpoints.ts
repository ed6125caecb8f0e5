import { LRUCache } from "lru-cache";
import type { Queryable } from "../database/connect.ts";
import type { SecretBox } from "../database/encryption.ts";
import { type Endpoint, loadEndpoints } from "./endpoint-store.ts";

export type Endpoints = {
  /** The endpoints of one shard by id, those that are not there left out. At most one statement. */
  get(shard: number, ids: readonly string[]): Promise<Map<string, Endpoint>>;
  /** It was changed, here or by another process; null: any may have been. */
  forget(id: string | null): void;
};

const endpointsMax = 20_000;

/** Endpoints opened for use, kept for `freshMs`: opening secrets for each delivery would cost more than signing. */
export function createEndpoints(deps: {
  sql: Queryable;
  box: SecretBox;
  freshMs: number;
  nowMs: () => number;
}): Endpoints {
  const { sql, box, freshMs, nowMs } = deps;
  const known = new LRUCache<string, { endpoint: Endpoint; loadedAtMs: number }>({ max: endpointsMax });
  let forgotten = 0;

  return {
    async get(shard, ids) {
      const found = new Map<string, Endpoint>();
      const missing: string[] = [];
      for (const id of ids) {
        const entry = known.get(id);
        if (entry && nowMs() - entry.loadedAtMs < freshMs) found.set(id, entry.endpoint);
        else missing.push(id);
      }
      if (missing.length === 0) return found;
      const [before, loadedAtMs] = [forgotten, nowMs()];
      for (const endpoint of await loadEndpoints(sql, box, shard, missing)) {
        found.set(endpoint.id, endpoint);
        // What was read while somebody changed it may be the old: used this once, not kept.
        if (forgotten === before) known.set(endpoint.id, { endpoint, loadedAtMs });
      }
      return found;
    },
    forget(id) {
      forgotten += 1;
      if (id === null) known.clear();
      else known.delete(id);
    },
  };
}
