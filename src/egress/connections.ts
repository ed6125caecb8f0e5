import type { Socket } from "node:net";
import { Client } from "undici";
import { type Failure, failure } from "./failure.ts";
import type { Connect } from "./guard.ts";

/** Somebody who needs a connection: told once, that there is one or that there will be none. */
export type EgressJob = {
  /** On whose behalf, where several share an origin and none may take all of its connections. */
  tenant: string | null;
  start(connection: PooledConnection): void;
  fail(why: Failure): void;
};

/** One connection to one origin, used by one job at a time. */
export type PooledConnection = {
  client: Client;
  origin: Origin;
  job: EgressJob | null;
  /** While it connects: what to destroy to give up. */
  socket: Socket | null;
};

type Origin = {
  name: string;
  /** The one used last is used next, so that the others grow idle and close. */
  idle: PooledConnection[];
  busy: Set<PooledConnection>;
  /** In order of arrival. */
  waiting: Set<EgressJob>;
};

export type PoolLimits = {
  /** Connections to one origin; more requests wait. */
  connectionsPerOriginMax: number;
  /** Of a party with fewer than these no request waits, however many the others have: one that hangs must not hold up its neighbours. */
  connectionsPerPartyMin: number;
  /** Requests that may wait for one origin; more fail at once. */
  waitingPerOriginMax: number;
  /** Origins whose idle connections are kept open; those in use are not counted out. */
  originsMax: number;
  /** How long an idle connection is kept, in ms, unless the server says a shorter time. */
  keepAliveMs: number;
};

export type Connections = {
  /** Starts the job at once, when it is its turn, or fails it where too many wait. */
  enter(origin: string, job: EgressJob): void;
  /** The job no longer waits. */
  leave(origin: string, job: EgressJob): void;
  /** The job is done with its connection; one that is not clean is closed. */
  release(connection: PooledConnection, isClean: boolean): void;
  count(): { origins: number; busy: number; idle: number; waiting: number };
  close(): Promise<void>;
};

/**
 * Keep-alive connections by origin. Not undici's own Pool: a request that waits there cannot leave when its time is up, and the
 * connection it was to have stays in the count for as long as a hanging server likes.
 */
export function makeConnections(connectors: { http: Connect; https: Connect }, limits: PoolLimits): Connections {
  const origins = new Map<string, Origin>();
  let closed = false;

  function open(origin: Origin): PooledConnection {
    const connect = origin.name.startsWith("http:") ? connectors.http : connectors.https;
    const client = new Client(origin.name, {
      pipelining: 1,
      keepAliveTimeout: limits.keepAliveMs,
      keepAliveMaxTimeout: Math.max(limits.keepAliveMs, 60_000),
      // A request's own time-out covers both.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (options, callback) => {
        connection.socket = connect(options, (...outcome) => {
          connection.socket = null;
          callback(...outcome);
        });
      },
    });
    const connection: PooledConnection = { client, origin, job: null, socket: null };
    client.on("disconnect", () => {
      const at = origin.idle.indexOf(connection);
      if (at === -1) return;
      origin.idle.splice(at, 1);
      destroy(connection);
      forgetIfUnused(origin);
    });
    return connection;
  }

  function run(connection: PooledConnection, job: EgressJob): void {
    connection.job = job;
    connection.origin.busy.add(connection);
    job.start(connection);
  }

  function admits({ busy }: Origin, party: string | null): boolean {
    if (busy.size < limits.connectionsPerOriginMax) return true;
    if (party === null) return false;
    let own = 0;
    for (const connection of busy) if (connection.job?.tenant === party) own += 1;
    return own < limits.connectionsPerPartyMin;
  }

  /** Whose turn it is once `party` gave a connection back. Beyond the bound that party alone may have one in its place. */
  function successor(origin: Origin, party: string | null): EgressJob | undefined {
    const isFree = origin.busy.size < limits.connectionsPerOriginMax;
    if (!isFree && !admits(origin, party)) return undefined;
    for (const job of origin.waiting) if (isFree || job.tenant === party) return job;
    return undefined;
  }

  function originOf(name: string): Origin {
    const known = origins.get(name);
    if (known !== undefined) return known;
    if (origins.size >= limits.originsMax) evictOne();
    const origin: Origin = { name, idle: [], busy: new Set(), waiting: new Set() };
    origins.set(name, origin);
    return origin;
  }

  function evictOne(): void {
    for (const origin of origins.values()) {
      if (origin.busy.size > 0 || origin.waiting.size > 0) continue;
      for (const connection of origin.idle.splice(0)) destroy(connection);
      origins.delete(origin.name);
      return;
    }
  }

  function forgetIfUnused(origin: Origin): void {
    if (origin.busy.size === 0 && origin.idle.length === 0 && origin.waiting.size === 0) origins.delete(origin.name);
  }

  function next(origin: Origin, connection: PooledConnection | null, party: string | null): void {
    const job = successor(origin, party);
    if (job !== undefined) {
      origin.waiting.delete(job);
      run(connection ?? open(origin), job);
    } else if (connection !== null) {
      origin.idle.push(connection);
    } else {
      forgetIfUnused(origin);
    }
    if (origins.size > limits.originsMax) evictOne();
  }

  return {
    enter(name, job) {
      if (closed) return job.fail(failure("EGRESS_CLOSED"));
      const origin = originOf(name);
      if (admits(origin, job.tenant)) return run(origin.idle.pop() ?? open(origin), job);
      if (origin.waiting.size >= limits.waitingPerOriginMax) return job.fail(failure("EGRESS_BUSY"));
      origin.waiting.add(job);
    },
    leave(name, job) {
      origins.get(name)?.waiting.delete(job);
    },
    release(connection, isClean) {
      const { origin } = connection;
      const party = connection.job?.tenant ?? null;
      connection.job = null;
      if (isClean && !closed) {
        origin.busy.delete(connection);
        return next(origin, connection, party);
      }
      // Later: the client may be in the middle of telling us, and must not be destroyed from within.
      queueMicrotask(() => {
        destroy(connection);
        origin.busy.delete(connection);
        if (!closed) next(origin, null, party);
      });
    },
    count() {
      const all = [...origins.values()];
      const sum = (size: (origin: Origin) => number) => all.reduce((total, origin) => total + size(origin), 0);
      return {
        origins: all.length,
        busy: sum(origin => origin.busy.size),
        idle: sum(origin => origin.idle.length),
        waiting: sum(origin => origin.waiting.size),
      };
    },
    async close() {
      closed = true;
      const stopping: Promise<void>[] = [];
      for (const origin of origins.values()) {
        for (const job of [...origin.waiting]) job.fail(failure("EGRESS_CLOSED"));
        for (const connection of [...origin.busy]) {
          connection.job?.fail(failure("EGRESS_CLOSED"));
          stopping.push(destroy(connection));
        }
        for (const connection of origin.idle.splice(0)) stopping.push(destroy(connection));
      }
      origins.clear();
      await Promise.all(stopping);
    },
  };
}

function destroy(connection: PooledConnection): Promise<void> {
  connection.socket?.destroy();
  return connection.client.destroy();
}
