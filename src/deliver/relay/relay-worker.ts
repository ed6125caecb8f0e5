import type { Logger } from "pino";
import type { Sql } from "../../database/connect.ts";
import type { Egress } from "../../egress/client.ts";
import { type ClaimedRelay, claimRelays, recordRelay, shardsWithRelays } from "./relay-queue-store.ts";
import { sendRelay } from "./send-relay.ts";

/** Where a connection's callbacks go on to, and the secret that signs them. */
export type RelayTarget = { url: string; secret: string; environment: string };

export type RelayDeps = {
  sql: Sql;
  egress: Pick<Egress, "send">;
  /** Null where the connection is gone, or relays nothing any more. */
  targetOf(shard: number, connectionId: string): Promise<RelayTarget | null>;
  log: Logger;
  now: () => Date;
  random: () => number;
};

export type RelayWorker = { drain(): Promise<void> };

const everyMs = 500;
/** Sent at a time, over all handlers: one that hangs keeps others waiting for one attempt at most. */
const atOnce = 20;

/** Sends callbacks on to the handlers that were there before, and again after failures. */
export function startRelayWorker(deps: RelayDeps): RelayWorker {
  const stopping = new AbortController();
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    running ??= sendDue(deps, stopping.signal)
      .catch((error: unknown) => deps.log.debug({ err: error }, "callbacks not relayed: tried again"))
      .finally(() => {
        running = null;
      });
  }, everyMs).unref();
  return {
    async drain() {
      stopping.abort();
      clearInterval(timer);
      await running;
    },
  };
}

async function sendDue(deps: RelayDeps, signal: AbortSignal): Promise<void> {
  for (const shard of await shardsWithRelays(deps.sql)) {
    if (signal.aborted) return;
    const claimed = await claimRelays(deps.sql, shard, atOnce);
    await Promise.all(claimed.map(relay => sendOne(deps, relay)));
  }
}

async function sendOne(deps: RelayDeps, relay: ClaimedRelay): Promise<void> {
  const { attempt, outcome } = await sendRelay(deps, relay);
  await recordRelay(deps.sql, relay, attempt, outcome);
}
