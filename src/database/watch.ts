import type { Logger } from "pino";
import type { Sql } from "./connect.ts";
import { replaceConnections } from "./reconnecting-client.ts";
import { isTimeout, withTimeout } from "./unavailable.ts";

const everyMs = 3_000;
const answerMs = 5_000;

/**
 * Pings the server over each client at intervals. Where no answer comes in time (a network that drops everything closes
 * no connection), the client's connections are replaced, and their waiting statements fail.
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
        // Statements on this client report any other error themselves.
        if (isTimeout(error)) {
          log.warn({ client: name }, "the database does not answer: connections replaced");
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
