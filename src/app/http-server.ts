import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import type { Hono } from "hono";
import type { Logger } from "pino";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { ListenAddress } from "./listen-address.ts";
import { listenProblem } from "./listen-problem.ts";
import type { Service } from "./service-list.ts";

/** The bound of the rooms for every request's body. */
const bodyBytesMax = 1024 * 1024;

export type App = Hono<{ Bindings: HttpBindings }>;

export type HttpServer = {
  /** The port that is bound; with port 0 the system chose it. */
  port: number;
  /** From now on `app` answers all requests. */
  serve(app: App): void;
  /**
   * Accepts no more connections, lets running requests finish and closes idle connections. Resolves when all are
   * closed; after `graceMs` it closes those that are left.
   */
  drain(graceMs: number): Promise<void>;
};

const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
/** Longer than the idle time-outs of common load balancers (60 s), so that they close first. */
const keepAliveTimeoutMs = 65_000;
/** A request that was on its way over an open connection when the drain began arrives within this time. */
const lastArrivalMs = 500;
const dropsLoggedEveryMs = 60_000;
/** How long running requests may take to finish when the program stops. */
const requestsMs = 15_000;

export type ListenOptions = {
  /** For the log. */
  name?: string;
  address: ListenAddress;
  /** The variables that name the address. */
  names?: Parameters<typeof listenProblem>[2];
  starting: App;
  /** Connections at a time; one that is over is closed at once. Null: as many as the system bears. */
  connectionsMax: number | null;
  telemetry: Telemetry;
  log: Logger;
};

/** Listens, and answers by `starting` until there is more to serve. */
export function listeningService(options: ListenOptions): Service<HttpServer> {
  return { name: options.name ?? "HTTP server", start: () => startServer(options), stop: server => server.drain(0) };
}

/** Serves `app` over a server that listens already. Its stop waits for the requests that are running. */
export function requestService(server: HttpServer, app: App): Service {
  return { name: "requests", start: () => server.serve(app), stop: () => server.drain(requestsMs) };
}

async function startServer(options: ListenOptions): Promise<HttpServer> {
  let app = options.starting;
  const server = createAdaptorServer({ fetch: (request, env) => app.fetch(request, env) }) as Server;
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.keepAliveTimeout = keepAliveTimeoutMs;
  if (options.connectionsMax !== null) limitConnections(server, options.connectionsMax, options);
  // A body that is too long gets no 100 Continue: the sender need not send it.
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    if (Number(request.headers["content-length"] ?? 0) <= bodyBytesMax) response.writeContinue();
    server.emit("request", request, response);
  });
  let draining = false;
  const underWay = new Set<ServerResponse>();
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  // To Node a connection that a browser or a balancer opened in advance is not idle before its first request.
  const closeUnused = () => {
    const used = new Set([...underWay].map(response => response.req.socket));
    for (const socket of sockets) if (!used.has(socket)) socket.destroy();
  };
  server.prependListener("request", (_request: IncomingMessage, response: ServerResponse) => {
    if (draining) response.setHeader("connection", "close");
    underWay.add(response);
    response.once("close", () => {
      underWay.delete(response);
      // A response whose headers went out before the drain began keeps its connection open.
      if (draining) setImmediate(() => server.closeIdleConnections());
    });
  });
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: Error) => reject(listenProblem(error, options.address, options.names));
    server.once("error", refuse);
    server.listen(options.address, () => {
      server.off("error", refuse);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    serve(next) {
      app = next;
    },
    async drain(graceMs) {
      draining = true;
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      for (const response of underWay) if (!response.headersSent) response.setHeader("connection", "close");
      server.closeIdleConnections();
      const unused = setTimeout(closeUnused, lastArrivalMs);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>(resolve => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([closed, late]);
      clearTimeout(timer);
      clearTimeout(unused);
      server.closeAllConnections();
    },
  };
}

/** Node closes what is over the limit. One line a minute says so, for a flood of connections is no flood of lines. */
function limitConnections(
  server: Server,
  connectionsMax: number,
  { log, telemetry }: Pick<ListenOptions, "log" | "telemetry">,
): void {
  let closed = 0;
  let loggedMs = Number.NEGATIVE_INFINITY;
  server.maxConnections = connectionsMax;
  server.on("drop", () => {
    closed += 1;
    telemetry.publish("limit.reached", () => ({ limit: "open_connections" }));
    if (performance.now() - loggedMs < dropsLoggedEveryMs) return;
    log.warn(
      { connections_max: connectionsMax, closed },
      "connections closed: as many as the file limit bears are open",
    );
    loggedMs = performance.now();
    closed = 0;
  });
}
