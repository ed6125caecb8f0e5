import type { Socket } from "node:net";
import type { Client } from "undici";
import type { EgressFailure } from "./failure.ts";

/** A request that needs a connection. When the pool closes, `onFailure` is called also after `onConnection`. */
export type ConnectionRequest = {
  /** On whose behalf the request is made. Several tenants may share an origin; null: no tenant. */
  tenant: string | null;
  onConnection(connection: PooledConnection): void;
  onFailure(failure: EgressFailure): void;
};

/** One connection to one origin, used by one request at a time. */
export type PooledConnection = {
  client: Client;
  origin: Origin;
  /** The request that uses the connection; null while it is idle. */
  request: ConnectionRequest | null;
  /** The socket while it connects, so that an attempt to connect can be aborted. */
  connectingSocket: Socket | null;
};

/** Scheme, host and port, with the connections to it and the requests that wait for one. */
export type Origin = {
  name: string;
  /** A stack: the connection used last is used next, so that the others become idle long enough to close. */
  idle: PooledConnection[];
  busy: Set<PooledConnection>;
  /** In order of arrival. */
  waiting: Set<ConnectionRequest>;
};

/** The bounds of one origin's connections. */
export type OriginLimits = {
  /** Connections to one origin. Further requests wait. */
  connectionsPerOriginMax: number;
  /**
   * A tenant with fewer connections than these gets one at once, however many the other tenants have: one tenant's
   * hanging requests must not delay another's.
   */
  connectionsPerTenantMin: number;
};

/** Whether the next request of a tenant gets a connection at once. */
export function hasConnectionFor({ busy }: Origin, tenant: string | null, limits: OriginLimits): boolean {
  if (busy.size < limits.connectionsPerOriginMax) return true;
  if (tenant === null) return false;
  let used = 0;
  for (const connection of busy) if (connection.request?.tenant === tenant) used += 1;
  return used < limits.connectionsPerTenantMin;
}

/**
 * The waiting request that is next after a tenant released a connection. Where the origin is at its limit or above,
 * only a request of that same tenant may take the place of the released connection, and only within
 * `connectionsPerTenantMin`.
 */
export function nextRequest(
  origin: Origin,
  releasedBy: string | null,
  limits: OriginLimits,
): ConnectionRequest | undefined {
  const isBelowLimit = origin.busy.size < limits.connectionsPerOriginMax;
  if (!isBelowLimit && !hasConnectionFor(origin, releasedBy, limits)) return undefined;
  for (const request of origin.waiting) if (isBelowLimit || request.tenant === releasedBy) return request;
  return undefined;
}

export type Origins = {
  get(name: string): Origin | undefined;
  /** The origin of that name; a new one may evict another. */
  getOrAdd(name: string): Origin;
  removeIfUnused(origin: Origin): void;
  /** Evicts one unused origin where there are more than the limit. */
  trim(): void;
  all(): Origin[];
  removeAll(): Origin[];
};

/**
 * The origins in use, and at most `originsMax` with idle connections beside them. Beyond it the unused origin that was
 * added first is evicted: `onEvicted` gets its idle connections.
 */
export function createOrigins(originsMax: number, onEvicted: (idle: PooledConnection[]) => void): Origins {
  const origins = new Map<string, Origin>();

  function evictUnused(): void {
    for (const origin of origins.values()) {
      if (origin.busy.size > 0 || origin.waiting.size > 0) continue;
      onEvicted(origin.idle.splice(0));
      origins.delete(origin.name);
      return;
    }
  }

  return {
    get: name => origins.get(name),
    getOrAdd(name) {
      const known = origins.get(name);
      if (known !== undefined) return known;
      if (origins.size >= originsMax) evictUnused();
      const origin: Origin = { name, idle: [], busy: new Set(), waiting: new Set() };
      origins.set(name, origin);
      return origin;
    },
    removeIfUnused(origin) {
      if (origin.busy.size === 0 && origin.idle.length === 0 && origin.waiting.size === 0) origins.delete(origin.name);
    },
    trim() {
      if (origins.size > originsMax) evictUnused();
    },
    all: () => [...origins.values()],
    removeAll() {
      const removed = [...origins.values()];
      origins.clear();
      return removed;
    },
  };
}
