import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { Wanted } from "./ensure.ts";
import { serverUrl } from "./hold.ts";
import { databaseName, joinServer, type Membership } from "./join.ts";
import { layoutOf } from "./layout.ts";
import { keepProgramPassword } from "./password.ts";
import { ensureProgramRole, programRole } from "./program-role.ts";
import { shutDown } from "./shutdown.ts";

export type Embedded = {
  /** Address of the program's database, for its own role. It stays the same while this process lives. */
  url: string;
  /** The same for the owner, a superuser: for migrations and tools. */
  ownerUrl: string;
  /** Leaves the server, and shuts it down if no other process uses it. To be called after the drain. */
  stop(): Promise<void>;
  /** Whether this process started the server, rather than finding it running. */
  startedHere: boolean;
};

export type EmbeddedOptions = {
  dataDir: string;
  /** A folder with other PostgreSQL programs than the package's (`PG_BIN_DIR`). */
  binDir?: string | undefined;
  /** Receiver processes that a server started now has connections for; 1 where left out. */
  processes?: number | undefined;
  log: Logger;
};

const reviveEveryMs = 1_000;

/**
 * Joins the PostgreSQL that serves `<dataDir>/postgres`, started now if none does. Any number of processes share it:
 * the last one to leave shuts it down. If the server dies, the first process to notice starts it again.
 */
export async function startEmbedded({ dataDir, binDir, processes = 1, log }: EmbeddedOptions): Promise<Embedded> {
  const wanted: Wanted = { layout: layoutOf(dataDir), binDir, port: null, processes, log };
  let leaving = false;
  let reviving = Promise.resolve();
  const onLost = () => {
    if (!leaving) reviving = revive();
  };
  let member: Membership = await joinServer(wanted, onLost);
  const { port, startedHere } = member.server;
  const program = keepProgramPassword(wanted.layout);
  try {
    await ensureProgramRole(port, member.password, program);
  } catch (error) {
    await leave();
    throw error;
  }

  async function revive(): Promise<void> {
    log.warn("embedded PostgreSQL stopped unexpectedly; restarting");
    await member.hold.close();
    while (!leaving) {
      try {
        member = await joinServer({ ...wanted, port }, onLost);
        const { server } = member;
        if (server.port !== port)
          log.error({ port, now: server.port }, "embedded PostgreSQL has another port now: restart Hakika");
        return;
      } catch (error) {
        log.error({ err: error }, "embedded PostgreSQL is still unavailable");
        await pause(reviveEveryMs);
      }
    }
  }

  async function leave(): Promise<void> {
    leaving = true;
    await reviving;
    try {
      if (!(await member.hold.isLast())) return;
      if (!(await shutDown(wanted))) log.warn("embedded PostgreSQL is still shutting down");
    } catch (error) {
      log.warn({ err: error }, "embedded PostgreSQL had ended before it was stopped");
    } finally {
      await member.hold.close();
    }
  }

  let left: Promise<void> | undefined;
  return {
    url: serverUrl(port, program.password, databaseName, programRole),
    ownerUrl: serverUrl(port, member.password, databaseName),
    startedHere,
    stop: () => {
      left ??= leave();
      return left;
    },
  };
}
