import { setTimeout as wait } from "node:timers/promises";

/** How a callback travels: lost (no copies), late, or several times at once. */
export type Transmission = { copies?: number; afterMs?: number };

/** A callback as a provider sends it: a POST unless it has another method, and with a query where it has one. */
export type SimulatedCallback = {
  method?: "POST" | "PUT" | "GET";
  query?: Readonly<Record<string, string>>;
  contentType: string;
  headers?: Readonly<Record<string, string>>;
  /** Empty for a GET. */
  body: string;
};

/** The answer to a callback. Status 0 where there was none; then `body` says why. */
export type CallbackAnswer = { status: number; body: string; ms: number };

/** Gateways and providers give up sooner; a test fails by its own time-out. */
const timeoutMs = 30_000;

/** Sends a callback; the HTTP statuses of its copies come in no order, 0 where there was no answer. Never rejects. */
export async function postCallback(
  url: string,
  callback: SimulatedCallback,
  transmission: Transmission = {},
): Promise<number[]> {
  const { copies = 1, afterMs = 0 } = transmission;
  if (afterMs > 0) await wait(afterMs);
  const answers = await Promise.all(Array.from({ length: copies }, () => sendCallback(url, callback)));
  return answers.map(({ status }) => status);
}

/** Sends a callback once. Never rejects. */
export async function sendCallback(
  url: string,
  callback: SimulatedCallback,
  limitMs: number = timeoutMs,
): Promise<CallbackAnswer> {
  const { method = "POST", query = {}, contentType, headers, body } = callback;
  const startedMs = performance.now();
  const elapsed = () => performance.now() - startedMs;
  const called = new URL(url);
  for (const [name, value] of Object.entries(query)) called.searchParams.set(name, value);
  try {
    const answer = await fetch(called, {
      method,
      headers: { ...headers, ...(method !== "GET" && { "content-type": contentType }) },
      ...(method !== "GET" && { body }),
      redirect: "manual",
      signal: AbortSignal.timeout(limitMs),
    });
    return { status: answer.status, body: await answer.text(), ms: elapsed() };
  } catch (error) {
    const cause = (error as Error).cause ?? error;
    return { status: 0, body: cause instanceof Error ? cause.message : String(cause), ms: elapsed() };
  }
}

export function jsonCallback(body: object): SimulatedCallback {
  return { contentType: "application/json", body: JSON.stringify(body) };
}

export function formCallback(body: Record<string, string>): SimulatedCallback {
  return { contentType: "application/x-www-form-urlencoded", body: new URLSearchParams(body).toString() };
}
