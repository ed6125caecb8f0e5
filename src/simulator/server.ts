import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type SimulatedRequest = {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: string;
};

/** An answer; an object is sent as JSON. `hang` never answers, `cut` breaks the connection in place of an answer. */
export type PlayedReply = { status: number; headers?: Record<string, string>; body: object | string } | "hang" | "cut";

/** One request as it was served: enough to count calls, to see how many ran at once, and their rate. */
export type SimulatedCall = {
  /** `token`, `status`, `pull`, `register`, `event`; `unknown` for a path that is not served. */
  what: string;
  /** The transaction it was about. */
  about: string | null;
  /** By `performance.now()`. `endedMs` is null while the call runs. */
  startedMs: number;
  endedMs: number | null;
  /** HTTP status of the answer; null where there was none. */
  status: number | null;
};

export type SimulatedServer = {
  /** `http://127.0.0.1:PORT`, for a connection's `base_url`. */
  url: string;
  /** In the order of arrival. */
  calls: SimulatedCall[];
  /** Resolves once `isSo` holds; checked whenever a call arrives or ends. */
  until(isSo: (calls: readonly SimulatedCall[]) => boolean): Promise<void>;
  close(): Promise<void>;
};

const bodyBytesMax = 1024 * 1024;

/** Serves on loopback. `handle` fills in the call's `what` and `about`. */
export async function serve(
  handle: (request: SimulatedRequest, call: SimulatedCall) => PlayedReply | Promise<PlayedReply>,
): Promise<SimulatedServer> {
  const calls: SimulatedCall[] = [];
  const watchers = new Set<() => void>();
  const changed = () => {
    for (const watcher of [...watchers]) watcher();
  };

  const server = createServer((incoming, response) => {
    const call: SimulatedCall = {
      what: "unknown",
      about: null,
      startedMs: performance.now(),
      endedMs: null,
      status: null,
    };
    calls.push(call);
    response.on("close", () => {
      call.endedMs ??= performance.now();
      changed();
    });
    read(incoming)
      .then(request => {
        const played = handle(request, call);
        // Before the answer, which may take long: what the call is about is known by now.
        changed();
        return played;
      })
      .then(played => {
        if (played !== "hang" && played !== "cut") call.status = played.status;
        changed();
        play(played, response);
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    until: isSo =>
      new Promise(resolve => {
        const watcher = () => {
          if (!isSo(calls)) return;
          watchers.delete(watcher);
          resolve();
        };
        watchers.add(watcher);
        watcher();
      }),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function play(played: PlayedReply, response: ServerResponse): void {
  if (played === "hang") return;
  if (played === "cut") return void response.destroy();
  const isJson = typeof played.body === "object";
  const headers = { "content-type": isJson ? "application/json" : "text/html", ...played.headers };
  response.writeHead(played.status, headers).end(isJson ? JSON.stringify(played.body) : played.body);
}

async function read(incoming: IncomingMessage): Promise<SimulatedRequest> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Error("too long");
    chunks.push(chunk);
  }
  const url = new URL(incoming.url ?? "/", "http://simulated.invalid");
  return {
    method: incoming.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
  };
}
