import type { Logger } from "pino";
import type { Sql } from "./connect.ts";
import { replaceConnections } from "./reconnecting-client.ts";
import { isTimeout, withTimeout } from "./unavailable.ts";

const everyMs = 3_000;
const answerMs = 5_000;

/**
 * Asks over each client again and again whether the server is there. Where no answer comes in time (a network that swallows
 * everything closes no connection), the client's connections are left behind, and what waits for them is told so.
 */
export function watchClients(clients: Record<string, Pick<Sql, "unsafe">>, log: Logger): { stop(): void } {
  const timers = Object.entries(clients).map(([name, client]) => {
    let isAsking = false;
    const ask = async () => {
      if (isAsking) return;
      isAsking = true;
      try {
        await withTimeout(client.unsafe("select 1"), answerMs);
      } catch (error) {
        // Any other refusal is heard by whoever works with the client.
        if (isTimeout(error)) {
          log.warn({ client: name }, "the database does not answer: its connections are left behind");
          replaceConnections(client);
        }
      } finally {
        isAsking = false;
      }
    };
    return setInterval(ask, everyMs).unref();
  });
  return {
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
