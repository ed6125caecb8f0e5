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
/** Attempts under way, from which on one connection waits, and all of them. A claim may take a connection past it. */
const limits = { connection: 10, all: 200 } as const;

/**
 * Sends callbacks on to the handlers that were there before, and again after failures. A handler that hangs keeps the
 * callbacks of its own connection waiting, and no others.
 */
export function startRelayWorker(deps: RelayDeps): RelayWorker {
  const running = new Map<string, { connectionId: string; done: Promise<void> }>();
  let claiming: Promise<void> | null = null;
  /** A shard had as many as were asked for: an attempt that ends makes room for the next. */
  let mayBeMore = false;
  let isDraining = false;

  async function claimDue(): Promise<void> {
    mayBeMore = false;
    for (const shard of await shardsWithRelays(deps.sql)) {
      const count = Math.min(limits.connection, limits.all - running.size);
      const claimed = count <= 0 ? [] : await claimRelays(deps.sql, shard, count, busyConnections());
      mayBeMore ||= claimed.length === count || count <= 0;
      for (const relay of claimed) begin(relay);
    }
  }

  function claim(): void {
    if (isDraining) return;
    claiming ??= claimDue()
      .catch(tellLater)
      .finally(() => {
        claiming = null;
      });
  }

  function busyConnections(): string[] {
    const connectionIds = [...running.values()].map(({ connectionId }) => connectionId);
    const isBusy = (id: string) => connectionIds.filter(each => each === id).length >= limits.connection;
    return [...new Set(connectionIds)].filter(isBusy);
  }

  function begin(relay: ClaimedRelay): void {
    const { callbackId, connectionId } = relay;
    const done = sendOne(deps, relay)
      .catch(tellLater)
      .finally(() => {
        running.delete(callbackId);
        if (mayBeMore) claim();
      });
    running.set(callbackId, { connectionId, done });
  }

  const tellLater = (error: unknown) => deps.log.debug({ err: error }, "callbacks not relayed: tried again");
  const timer = setInterval(claim, everyMs).unref();
  return {
    async drain() {
      isDraining = true;
      clearInterval(timer);
      await claiming;
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}

async function sendOne(deps: RelayDeps, relay: ClaimedRelay): Promise<void> {
  const { attempt, outcome } = await sendRelay(deps, relay);
  await recordRelay(deps.sql, relay, attempt, outcome);
}
