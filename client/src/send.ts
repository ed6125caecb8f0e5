import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { HakikaConnectionError, HakikaError, type Problem } from "./errors.ts";

export type ClientOptions = {
  /** Where Hakika is, such as `https://pay.example.com`. */
  baseUrl: string;
  /** A merchant's key, or the admin's or an operator's. */
  key: string;
  /** The secret of your endpoint (`whsec_...`), for `webhooks.verify`; several while one is rotated. */
  webhookSecret?: string | readonly string[];
  /** Tries after the first; 2 where left out. */
  retries?: number;
  /** For each try, in milliseconds; 30 s where left out. */
  timeoutMs?: number;
  fetch?: typeof fetch;
};

export type CallOptions = {
  /**
   * One of your own for each thing that you want once, the same for each attempt at it, in whatever process. Without one
   * the client makes one for this call and its retries.
   */
  idempotencyKey?: string;
  signal?: AbortSignal;
};

export type Call = {
  method: string;
  path: string;
  query?: Record<string, unknown> | undefined;
  /** Sent as JSON. */
  body?: unknown;
  file?: { bytes: Uint8Array | string; type: string } | undefined;
};

const retriedStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const firstPauseMs = 300;
const pauseMaxMs = 30_000;

/**
 * Sends a call, again where there was no answer or one that says later. A POST has one idempotency key for all its
 * tries, so what it asks for is done once. Throws `HakikaError` for a refusal.
 */
export async function send(client: ClientOptions, call: Call, options: CallOptions = {}): Promise<Response> {
  const tries = 1 + (client.retries ?? 2);
  const key = call.method === "POST" && !call.file ? (options.idempotencyKey ?? randomUUID()) : null;
  for (let tried = 1; ; tried += 1) {
    const outcome = await attempt(client, call, key, options).catch((error: unknown) => ({ error }));
    if (!("error" in outcome) && outcome.ok) return outcome;
    const isLast = tried >= tries || call.file !== undefined;
    if ("error" in outcome) {
      options.signal?.throwIfAborted();
      if (isLast) throw new HakikaConnectionError(outcome.error);
    } else if (isLast || !(await isPassing(outcome, key))) throw await refusalOf(outcome);
    const waitMs = "error" in outcome ? 0 : retryAfterMs(outcome);
    if (!("error" in outcome)) await outcome.body?.cancel();
    await pause(Math.min(pauseMaxMs, Math.max(waitMs, firstPauseMs * 2 ** (tried - 1))), undefined, {
      ...(options.signal && { signal: options.signal }),
    });
  }
}

function attempt(client: ClientOptions, call: Call, key: string | null, { signal }: CallOptions): Promise<Response> {
  const url = new URL(client.baseUrl.replace(/\/$/, "") + call.path);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined && value !== null)
      url.searchParams.set(name, value instanceof Date ? value.toISOString() : String(value));
  }
  const timeout = AbortSignal.timeout(client.timeoutMs ?? 30_000);
  return (client.fetch ?? fetch)(url, {
    method: call.method,
    headers: {
      authorization: `Bearer ${client.key}`,
      accept: "application/json, */*",
      ...(call.body !== undefined && { "content-type": "application/json" }),
      ...(call.file && { "content-type": call.file.type }),
      ...(key !== null && { "idempotency-key": key }),
    },
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
    ...(call.file && { body: call.file.bytes as string }),
    redirect: "error",
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  });
}

/** 409 while the first try with this key still runs is passing too. */
async function isPassing(response: Response, key: string | null): Promise<boolean> {
  if (retriedStatuses.has(response.status)) return true;
  return response.status === 409 && key !== null && response.headers.has("retry-after");
}

function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get("retry-after"));
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}

async function refusalOf(response: Response): Promise<HakikaError> {
  const text = await response.text();
  const requestId = response.headers.get("x-request-id");
  try {
    const problem = JSON.parse(text) as Problem;
    return new HakikaError({ ...problem, status: response.status, detail: problem.detail ?? text }, requestId);
  } catch {
    return new HakikaError({ status: response.status, detail: text.slice(0, 200) || response.statusText }, requestId);
  }
}
