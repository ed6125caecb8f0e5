import { Client } from "undici";
import { egressFailure } from "./failure.ts";
import type { Connect } from "./guard.ts";
import {
  type ConnectionRequest,
  createOrigins,
  hasConnectionFor,
  nextRequest,
  type Origin,
  type OriginLimits,
  type PooledConnection,
} from "./origins.ts";

export type PoolLimits = OriginLimits & {
  /** Requests that wait for a connection to one origin. Further requests fail at once. */
  waitingPerOriginMax: number;
  /** Origins whose idle connections are kept open. Origins in use are never evicted. */
  originsMax: number;
  /** How long an idle connection is kept open, in ms, unless the server names a shorter time. */
  keepAliveMs: number;
};

export type ConnectionPool = {
  /** Gives the request a connection at once or when it is its turn. Fails it where too many requests wait. */
  acquire(origin: string, request: ConnectionRequest): void;
  /** Removes a request that still waits. */
  cancel(origin: string, request: ConnectionRequest): void;
  /** Returns a connection. It is used again where it is clean, that is, the answer was read to its end. */
  release(connection: PooledConnection, isClean: boolean): void;
  count(): { origins: number; busy: number; idle: number; waiting: number };
  /** Fails the waiting and running requests with `EGRESS_CLOSED` and closes every connection. */
  close(): Promise<void>;
};

/**
 * Keep-alive connections by origin. Two properties that undici's own Pool lacks: a waiting request can be cancelled
 * when its time is up, and a connection to a hanging server stops counting as soon as its request ends (ADR 0007).
 */
export function createPool(connectors: { http: Connect; https: Connect }, limits: PoolLimits): ConnectionPool {
  const origins = createOrigins(limits.originsMax, idle => void idle.map(destroy));
  let isClosed = false;

  function open(origin: Origin): PooledConnection {
    const connect = origin.name.startsWith("http:") ? connectors.http : connectors.https;
    const connection = openConnection(origin, connect, limits.keepAliveMs);
    connection.client.on("disconnect", () => {
      const at = origin.idle.indexOf(connection);
      if (at === -1) return;
      origin.idle.splice(at, 1);
      destroy(connection);
      origins.removeIfUnused(origin);
    });
    return connection;
  }

  /** The next request gets the released connection, or a new one where that was not clean. */
  function serveNext(origin: Origin, released: PooledConnection | null, releasedBy: string | null): void {
    const request = nextRequest(origin, releasedBy, limits);
    if (request !== undefined) {
      origin.waiting.delete(request);
      assign(released ?? open(origin), request);
    } else if (released !== null) {
      origin.idle.push(released);
    } else {
      origins.removeIfUnused(origin);
    }
    origins.trim();
  }

  return {
    acquire(name, request) {
      if (isClosed) return request.onFailure(egressFailure("EGRESS_CLOSED"));
      const origin = origins.getOrAdd(name);
      if (hasConnectionFor(origin, request.tenant, limits)) return assign(origin.idle.pop() ?? open(origin), request);
      if (origin.waiting.size >= limits.waitingPerOriginMax) return request.onFailure(egressFailure("EGRESS_BUSY"));
      origin.waiting.add(request);
    },
    cancel(name, request) {
      origins.get(name)?.waiting.delete(request);
    },
    release(connection, isClean) {
      const { origin } = connection;
      const tenant = connection.request?.tenant ?? null;
      connection.request = null;
      if (isClean && !isClosed) {
        origin.busy.delete(connection);
        return serveNext(origin, connection, tenant);
      }
      // Later: `release` may be called from within one of the client's own callbacks, and destroying it there fails.
      queueMicrotask(() => {
        destroy(connection);
        origin.busy.delete(connection);
        if (!isClosed) serveNext(origin, null, tenant);
      });
    },
    count: () => countOf(origins.all()),
    async close() {
      isClosed = true;
      await Promise.all(origins.removeAll().flatMap(closeOrigin));
    },
  };
}

function assign(connection: PooledConnection, request: ConnectionRequest): void {
  connection.request = request;
  connection.origin.busy.add(connection);
  request.onConnection(connection);
}

function openConnection(origin: Origin, connect: Connect, keepAliveMs: number): PooledConnection {
  const client = new Client(origin.name, {
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: Math.max(keepAliveMs, 60_000),
    // The timeout of the request covers both.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (options, callback) => {
      connection.connectingSocket = connect(options, (...outcome) => {
        connection.connectingSocket = null;
        callback(...outcome);
      });
    },
  });
  const connection: PooledConnection = { client, origin, request: null, connectingSocket: null };
  return connection;
}

function closeOrigin(origin: Origin): Promise<void>[] {
  for (const request of [...origin.waiting]) request.onFailure(egressFailure("EGRESS_CLOSED"));
  const connections = [...origin.busy, ...origin.idle.splice(0)];
  return connections.map(connection => {
    connection.request?.onFailure(egressFailure("EGRESS_CLOSED"));
    return destroy(connection);
  });
}

function countOf(origins: Origin[]): { origins: number; busy: number; idle: number; waiting: number } {
  const sum = (size: (origin: Origin) => number) => origins.reduce((total, origin) => total + size(origin), 0);
  return {
    origins: origins.length,
    busy: sum(origin => origin.busy.size),
    idle: sum(origin => origin.idle.length),
    waiting: sum(origin => origin.waiting.size),
  };
}

/** Closes a connection, also while it connects. */
function destroy(connection: PooledConnection): Promise<void> {
  connection.connectingSocket?.destroy();
  return connection.client.destroy();
}
