import { type SimulatedServer, serve } from "../server.ts";
import { webhookProblem } from "./verify-webhook.ts";

/** An event as the simulated merchant got it. */
export type ReceivedEvent = {
  id: string;
  type: string;
  timestamp: string;
  data: { transaction?: { id: string; status: string; status_source: string; version: number }; sequence?: number };
  body: string;
  /** By this process's clock (`performance.now()`). */
  atMs: number;
  /** What is wrong with the signature; null where it holds. */
  problem: string | null;
};

export type MerchantServer = {
  /** Where events are posted to. */
  url: string;
  received: readonly ReceivedEvent[];
  /** Resolves once `isThere` holds, or after `timeoutMs`; answers whether it holds. */
  until(isThere: () => boolean, timeoutMs: number): Promise<boolean>;
  close(): Promise<void>;
};

/**
 * A merchant's server: takes events on loopback, checks each signature, answers 204. `secret` is read at each event.
 */
export async function startMerchant(secret: () => string): Promise<MerchantServer> {
  const received: ReceivedEvent[] = [];
  const server: SimulatedServer = await serve(({ method, headers, body }, call) => {
    call.what = "event";
    if (method !== "POST") return { status: 405, body: "" };
    const problem = webhookProblem({ headers, body }, secret(), Date.now());
    const event = JSON.parse(body) as Pick<ReceivedEvent, "type" | "timestamp" | "data">;
    received.push({ ...event, id: String(headers["webhook-id"]), body, atMs: performance.now(), problem });
    return { status: problem === null ? 204 : 401, body: "" };
  });
  return {
    url: `${server.url}/hooks`,
    received,
    async until(isThere, timeoutMs) {
      const timeout = AbortSignal.timeout(timeoutMs);
      const late = new Promise<void>(resolve => timeout.addEventListener("abort", () => resolve(), { once: true }));
      await Promise.race([server.until(() => isThere()), late]);
      return isThere();
    },
    close: server.close,
  };
}
