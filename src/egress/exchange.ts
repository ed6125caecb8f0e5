import type { Dispatcher } from "undici";
import type { Connections, EgressJob, PooledConnection } from "./connections.ts";
import { describeFailure, type Failure, failure, refusedCode } from "./failure.ts";

export type EgressRequest = {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string | Buffer | null;
  /** For everything: waiting for a connection, connecting, sending, and reading the answer to its end. */
  timeoutMs: number;
  signal?: AbortSignal;
  /** On whose behalf: of those who share an origin none takes all of its connections. */
  tenant?: string;
  /** At most this much of the answer's body is read; the connection of a longer one is closed. 65536 by default. */
  responseBytesMax?: number;
  /** At most this much of what is read is kept. All by default. */
  keepBytes?: number;
};

export type EgressResult =
  | {
      kind: "answer";
      /** 200 to 599 and beyond; a redirect too. */
      status: number;
      /** Lower-case names; a repeated header's values are joined by a comma. */
      headers: Record<string, string>;
      body: Buffer;
      /** The body is not the whole answer's. */
      truncated: boolean;
      latencyMs: number;
    }
  /** By the guard: nothing was sent. */
  | { kind: "refused"; reason: string; latencyMs: number }
  /** `status` where the answer had begun. In `headers` and `body` the server may well have acted on the request. */
  | { kind: "timeout"; phase: Phase; status: number | null; latencyMs: number }
  | { kind: "network"; code: string; reason: string; latencyMs: number };

/** What a request waits for: a free connection, the connection to be made, the answer's beginning, its end. */
export type Phase = "queue" | "connect" | "headers" | "body";

const responseBytesMaxByDefault = 65_536;
const nothing = Buffer.alloc(0);

/** One request and its answer, over a connection of `connections`. Always resolves, and within `timeoutMs`. */
export function exchange(
  connections: Connections,
  request: EgressRequest,
  url: URL,
  headers: string[],
): Promise<EgressResult> {
  return new Promise(resolve => {
    const { signal, responseBytesMax = responseBytesMaxByDefault } = request;
    const keepBytes = Math.min(request.keepBytes ?? responseBytesMax, responseBytesMax);
    const startedMs = performance.now();
    let phase: Phase = "queue";
    let connection: PooledConnection | null = null;
    let isOver = false;
    let status: number | null = null;
    let answerHeaders: Record<string, string> = {};
    let readBytes = 0;
    const kept: Buffer[] = [];
    let keptBytes = 0;

    /** Whatever comes first decides; what comes after it changes nothing. */
    function end(result: EgressResult, isClean: boolean): void {
      isOver = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      if (connection === null) connections.leave(url.origin, job);
      else connections.release(connection, isClean);
      resolve(result);
    }
    const latencyMs = () => performance.now() - startedMs;
    const answered = (isClean: boolean) =>
      end(
        {
          kind: "answer",
          status: status!,
          headers: answerHeaders,
          body: keptBytes === 0 ? nothing : Buffer.concat(kept, keptBytes),
          truncated: keptBytes < readBytes,
          latencyMs: latencyMs(),
        },
        isClean,
      );
    const failed = (why: Failure) => {
      if (!isOver) end({ kind: "network", ...why, latencyMs: latencyMs() }, false);
    };
    const onAbort = () => failed(failure("ABORTED"));

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        if (isOver) controller.abort(new Error("over"));
        else phase = "headers";
      },
      onResponseStart(_controller, statusCode, fields) {
        if (isOver || statusCode < 200) return;
        phase = "body";
        status = statusCode;
        answerHeaders = joined(fields);
      },
      onResponseData(_controller, chunk) {
        if (isOver) return;
        readBytes += chunk.length;
        if (keptBytes < keepBytes) {
          const part = chunk.length > keepBytes - keptBytes ? chunk.subarray(0, keepBytes - keptBytes) : chunk;
          kept.push(part);
          keptBytes += part.length;
        }
        if (readBytes > responseBytesMax) answered(false);
      },
      onResponseEnd() {
        if (!isOver) answered(true);
      },
      onResponseError(_controller, error) {
        if (isOver) return;
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === refusedCode) end({ kind: "refused", reason: message, latencyMs: latencyMs() }, false);
        else failed(describeFailure(error));
      },
    };

    const job: EgressJob = {
      tenant: request.tenant ?? null,
      start(given) {
        connection = given;
        phase = "connect";
        const { method, body } = request;
        given.client.dispatch({ path: url.pathname + url.search, method, headers, body }, handler);
      },
      fail: failed,
    };

    const timer = setTimeout(
      () => end({ kind: "timeout", phase, status, latencyMs: latencyMs() }, false),
      request.timeoutMs,
    );
    if (signal?.aborted) return onAbort();
    signal?.addEventListener("abort", onAbort);
    connections.enter(url.origin, job);
  });
}

function joined(fields: Record<string, string | string[] | undefined>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in fields) {
    const value = fields[name];
    if (typeof value === "string") headers[name] = value;
    else if (value !== undefined) headers[name] = value.join(", ");
  }
  return headers;
}
