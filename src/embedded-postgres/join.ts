import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { ensureServer, type Server, type Wanted } from "./ensure.ts";
import { type Hold, takeHold } from "./hold.ts";

export type Membership = { server: Server; password: string; hold: Hold };

/** The program's own database on the embedded server. */
export const databaseName = "hakika";

/**
 * How long a server that reports ready may refuse connections: it may be shutting down, and then a new one is started.
 */
const refusedMaxMs = 15_000;
const againAfterMs = 50;

/** Finds or starts the server and takes a share in it; if the server ends meanwhile, starts again. */
export async function joinServer(wanted: Wanted, onLost: () => void): Promise<Membership> {
  let startedHere = false;
  for (const until = Date.now() + refusedMaxMs; ; ) {
    const server = await ensureServer(wanted);
    startedHere ||= server.startedHere;
    const password = readFileSync(wanted.layout.password, "utf8").trim();
    try {
      const hold = await takeHold(server.port, password, databaseName, onLost);
      return { server: { ...server, startedHere }, password, hold };
    } catch (error) {
      if (Date.now() > until) throw new Error(refusal(server, error), { cause: error });
      await pause(againAfterMs);
    }
  }
}

function refusal({ port }: Server, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `The embedded PostgreSQL on port ${port} accepts no connection: ${reason}`;
}
