import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import type { Hono } from "hono";

/** Of every request, as the rooms bound it. */
const bodyBytesMax = 1024 * 1024;

export type App = Hono<{ Bindings: HttpBindings }>;

export type HttpServer = {
  /** As bound: with port 0 the system chose it. */
  port: number;
  /** Takes over all requests from now on. */
  serve(app: App): void;
  /** Accepts no more, lets running requests finish, closes idle connections. Resolves when all are gone, or after `graceMs`. */
  drain(graceMs: number): Promise<void>;
};

const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
/** Longer than the idle time-outs of common load balancers (60 s), so that they close first. */
const keepAliveTimeoutMs = 65_000;
/** In which a request that is on its way over a connection when the drain begins still arrives. */
const lastArrivalMs = 500;

/** Listens at once; until `serve` is called, `starting` answers. */
export async function startServer(options: { host: string; port: number; starting: App }): Promise<HttpServer> {
  let app = options.starting;
  const server = createAdaptorServer({ fetch: (request, env) => app.fetch(request, env) }) as Server;
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.keepAliveTimeout = keepAliveTimeoutMs;
  // Whoever asks before sending a body that is too long must not be told to go on.
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
  // To Node a connection over which nothing was ever asked (a browser's or a balancer's, in advance) is not an idle one.
  const closeUnused = () => {
    const used = new Set([...underWay].map(response => response.req.socket));
    for (const socket of sockets) if (!used.has(socket)) socket.destroy();
  };
  server.prependListener("request", (_request: IncomingMessage, response: ServerResponse) => {
    if (draining) response.setHeader("connection", "close");
    underWay.add(response);
    response.once("close", () => {
      underWay.delete(response);
      // Its headers may have gone out before the drain began.
      if (draining) setImmediate(() => server.closeIdleConnections());
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
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
