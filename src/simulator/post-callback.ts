import { setTimeout as wait } from "node:timers/promises";

/** How a callback travels: lost (no copies), late, or several times at once. */
export type CallbackDelivery = { copies?: number; afterMs?: number };

/** A callback as a provider sends it. */
export type SimulatedCallback = { contentType: string; body: string };

/** Posts a callback; answers the HTTP statuses in no order, 0 where there was none. Never rejects. */
export async function postCallback(
  url: string,
  callback: SimulatedCallback,
  delivery: CallbackDelivery = {},
): Promise<number[]> {
  const { copies = 1, afterMs = 0 } = delivery;
  if (afterMs > 0) await wait(afterMs);
  return await Promise.all(Array.from({ length: copies }, () => postOnce(url, callback)));
}

async function postOnce(url: string, { contentType, body }: SimulatedCallback): Promise<number> {
  try {
    const headers = { "content-type": contentType };
    const answer = await fetch(url, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(30_000),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}

export function jsonCallback(body: object): SimulatedCallback {
  return { contentType: "application/json", body: JSON.stringify(body) };
}

export function formCallback(body: Record<string, string>): SimulatedCallback {
  return { contentType: "application/x-www-form-urlencoded", body: new URLSearchParams(body).toString() };
}
