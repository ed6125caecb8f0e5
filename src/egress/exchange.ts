import type { Dispatcher } from "undici";
import { describeFailure, type EgressFailure, egressFailure, refusedCode } from "./failure.ts";
import type { ConnectionRequest, PooledConnection } from "./origins.ts";
import type { ConnectionPool } from "./pool.ts";

export type EgressRequest = {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string | Buffer | null;
  /** For the whole exchange, in ms: waiting for a connection, connecting, sending, reading the answer to its end. */
  timeoutMs: number;
  signal?: AbortSignal;
  /** On whose behalf the request is made: tenants that share an origin share its connections fairly. */
  tenant?: string;
  /** Bytes of the answer's body that are read; the connection of a longer answer is closed. 65,536 by default. */
  responseBytesMax?: number;
  /** Bytes of the body that are kept of those read. All by default. */
  keepBytes?: number;
};

export type EgressResult =
  | {
      kind: "answer";
      /** 200 and above. A redirect is an answer too. */
      status: number;
      /** Lower-case names; the values of a repeated header are joined by a comma. */
      headers: Record<string, string>;
      body: Buffer;
      /** Whether `body` is shorter than the answer's body. */
      truncated: boolean;
      latencyMs: number;
    }
  /** The guard refused the URL, a header or the address. Nothing was sent. */
  | { kind: "refused"; reason: string; latencyMs: number }
  /** `status` is set where the answer had begun. In `headers` and `body` the server may have acted on the request. */
  | { kind: "timeout"; phase: ExchangePhase; status: number | null; latencyMs: number }
  | { kind: "network"; code: string; reason: string; latencyMs: number };

/** What an exchange waits for: a free connection, connecting, the first bytes of the answer, its end. */
export type ExchangePhase = "queue" | "connect" | "headers" | "body";

const responseBytesMaxByDefault = 65_536;
const noBytes = Buffer.alloc(0);

/** One exchange under way. */
type Exchange = {
  readonly startedMs: number;
  readonly answer: PartialAnswer;
  phase: ExchangePhase;
  connection: PooledConnection | null;
  isEnded: boolean;
  /** Ends the exchange with its first outcome; later outcomes change nothing. */
  end(result: EgressResult, isClean: boolean): void;
};

/** The answer as far as it has been read. */
type PartialAnswer = {
  readonly readBytesMax: number;
  readonly keepBytesMax: number;
  status: number | null;
  headers: Record<string, string>;
  readBytes: number;
  keptBytes: number;
  chunks: Buffer[];
};

/** Sends one request over a connection of the pool and reads its answer. Always resolves, within `timeoutMs`. */
export function exchange(
  pool: ConnectionPool,
  request: EgressRequest,
  url: URL,
  headers: string[],
): Promise<EgressResult> {
  return new Promise(resolve => {
    const { signal, method, body } = request;
    const current: Exchange = {
      startedMs: performance.now(),
      answer: newAnswer(request),
      phase: "queue",
      connection: null,
      isEnded: false,
      end(result, isClean) {
        if (current.isEnded) return;
        current.isEnded = true;
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        if (current.connection === null) pool.cancel(url.origin, waiting);
        else pool.release(current.connection, isClean);
        resolve(result);
      },
    };
    const waiting: ConnectionRequest = {
      tenant: request.tenant ?? null,
      onConnection(connection) {
        current.connection = connection;
        current.phase = "connect";
        connection.client.dispatch({ path: url.pathname + url.search, method, headers, body }, handlerOf(current));
      },
      onFailure: failure => fail(current, failure),
    };
    const abort = () => fail(current, egressFailure("ABORTED"));
    const timer = setTimeout(() => timeOut(current), request.timeoutMs);
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort);
    pool.acquire(url.origin, waiting);
  });
}

/** What undici calls while it sends the request and reads the answer. */
function handlerOf(current: Exchange): Dispatcher.DispatchHandler {
  const { answer } = current;
  return {
    onRequestStart(controller) {
      if (current.isEnded) controller.abort(new Error("the exchange has ended"));
      else current.phase = "headers";
    },
    onResponseStart(_controller, status, fields) {
      // Below 200: an interim answer, such as 103 Early Hints.
      if (current.isEnded || status < 200) return;
      current.phase = "body";
      answer.status = status;
      answer.headers = joinedHeaders(fields);
    },
    onResponseData(_controller, chunk) {
      if (current.isEnded) return;
      addChunk(answer, chunk);
      if (answer.readBytes > answer.readBytesMax) complete(current, false);
    },
    onResponseEnd() {
      complete(current, true);
    },
    onResponseError(_controller, error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== refusedCode) return fail(current, describeFailure(error));
      current.end({ kind: "refused", reason: message, latencyMs: latencyMs(current) }, false);
    },
  };
}

function complete(current: Exchange, isClean: boolean): void {
  const { status, headers, chunks, keptBytes, readBytes } = current.answer;
  const body = keptBytes === 0 ? noBytes : Buffer.concat(chunks, keptBytes);
  const truncated = keptBytes < readBytes;
  current.end({ kind: "answer", status: status!, headers, body, truncated, latencyMs: latencyMs(current) }, isClean);
}

function fail(current: Exchange, failure: EgressFailure): void {
  current.end({ kind: "network", ...failure, latencyMs: latencyMs(current) }, false);
}

function timeOut(current: Exchange): void {
  const { phase, answer } = current;
  current.end({ kind: "timeout", phase, status: answer.status, latencyMs: latencyMs(current) }, false);
}

function latencyMs(current: Exchange): number {
  return performance.now() - current.startedMs;
}

function newAnswer({ responseBytesMax = responseBytesMaxByDefault, keepBytes }: EgressRequest): PartialAnswer {
  return {
    readBytesMax: responseBytesMax,
    keepBytesMax: Math.min(keepBytes ?? responseBytesMax, responseBytesMax),
    status: null,
    headers: {},
    readBytes: 0,
    keptBytes: 0,
    chunks: [],
  };
}

function addChunk(answer: PartialAnswer, chunk: Buffer): void {
  answer.readBytes += chunk.length;
  const left = answer.keepBytesMax - answer.keptBytes;
  if (left <= 0) return;
  const kept = chunk.length > left ? chunk.subarray(0, left) : chunk;
  answer.chunks.push(kept);
  answer.keptBytes += kept.length;
}

function joinedHeaders(fields: Record<string, string | string[] | undefined>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in fields) {
    const value = fields[name];
    if (typeof value === "string") headers[name] = value;
    else if (value !== undefined) headers[name] = value.join(", ");
  }
  return headers;
}
