import type { SimulatedCallback } from "../post-callback.ts";

export type Posted = { status: number; body: string; ms: number };

const patienceMs = 30_000;

/** Posts a callback as a provider does, and keeps the answer. Status 0 where there was none; then `body` says why. */
export async function post(url: string, { contentType, body }: SimulatedCallback): Promise<Posted> {
  const startedMs = performance.now();
  const since = () => performance.now() - startedMs;
  try {
    const headers = { "content-type": contentType };
    const signal = AbortSignal.timeout(patienceMs);
    const answer = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
    return { status: answer.status, body: await answer.text(), ms: since() };
  } catch (error) {
    const cause = (error as Error).cause ?? error;
    return { status: 0, body: cause instanceof Error ? cause.message : String(cause), ms: since() };
  }
}
