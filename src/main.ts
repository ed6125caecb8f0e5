import { randomUUID } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Logger } from "pino";
import type { Config } from "./config.ts";
import { createDirectory } from "./connections/directory.ts";
import { connectHot, type Sql, waitForDatabase } from "./database/connect.ts";
import { startEmbedded } from "./database/embedded/start.ts";
import { makeSecretBox } from "./database/encryption.ts";
import { startHeartbeat } from "./database/heartbeat.ts";
import { installationKey, phoneHasher } from "./database/installation-key.ts";
import { startMaintenance } from "./database/maintenance.ts";
import { migrate } from "./database/migrate.ts";
import { listen, type Notice, notify } from "./database/notices.ts";
import { ensurePartitions } from "./database/partitions.ts";
import { fanOut } from "./deliver/fan-out.ts";
import { ensureGeneratedKeys } from "./generated-keys.ts";
import { startingApp, startServer } from "./http-server.ts";
import type { Provider } from "./providers/provider.ts";
import { providers as registry } from "./providers/registry.ts";
import { createAllowance } from "./receive/allowance.ts";
import { createKeeper, isAwayError } from "./receive/keeper.ts";
import { receiveRoutes } from "./receive/routes.ts";
import { openSpool } from "./receive/spool.ts";
import { insertCallbacks } from "./receive/store.ts";
import type { BatchResult } from "./settle/settle.ts";
import type { SettleDeps } from "./settle/settle-deps.ts";
import { startSettleWorker } from "./settle/worker.ts";

export type Running = {
  /** Where it listens. */
  url: string;
  adminKey: string;
  /** True for the start that made the admin key. */
  adminKeyIsNew: boolean;
  /** Resolves after the drain; running work gets 30 s. */
  stop(): Promise<void>;
};

export type StartOptions = {
  log: Logger;
  /** Ends the wait for a database that does not come. */
  signal: AbortSignal;
  /** Other than the built-in ones, for tests. */
  providers?: ReadonlyMap<string, Provider>;
};

const drainMs = 30_000;
const connectionsMax = { receive: 4, settle: 6 } as const;
/** Other processes' workers hear of new callbacks at most this often. */
const noticeEveryMs = 20;

/** Composition root: configuration, database, rooms, drain. */
export async function startHakika(config: Config, options: StartOptions): Promise<Running> {
  const { log, signal, providers = registry } = options;
  const keys = ensureGeneratedKeys(config);
  const server = await startServer({ host: config.host, port: config.port, starting: startingApp() });
  const embedded =
    config.databaseUrl === null
      ? await startEmbedded({ dataDir: config.dataDir, binDir: config.pgBinDir ?? undefined, log })
      : null;
  const databaseUrl = config.databaseUrl ?? embedded!.url;
  if ((await waitForDatabase(databaseUrl, signal, log)) === "aborted")
    throw new Error("stopped while waiting for the database");
  await migrate(databaseUrl);

  const box = makeSecretBox(keys.secretKeys);
  const receiveSql = connectHot(databaseUrl, { applicationName: "hakika receive", max: connectionsMax.receive });
  const sql = connectHot(databaseUrl, { applicationName: "hakika", max: connectionsMax.settle });
  await ensurePartitions(sql);
  const directory = createDirectory({ sql: receiveSql, box });
  const phoneHash = phoneHasher(await installationKey(sql, box, "phone-hash"));
  const isWorker = config.roles.has("worker");

  const settleDeps: SettleDeps = {
    sql,
    identity: (provider, kind, refs) => providers.get(provider)?.identity(kind, refs) ?? [],
    canAsk: () => false,
    phoneHash,
    fanOut,
    schedule: async () => {},
    finishAsks: async () => new Set(),
    conclude: () => null,
  };
  const onSettled = (_shard: number, _result: BatchResult) => {};
  const worker = isWorker
    ? startSettleWorker({ ...settleDeps, directory, providers, log, onSettled, isAway: isAwayError })
    : null;
  const tellOthers = debouncedInboxNotice(sql);
  const keeper = createKeeper({
    write: batch => insertCallbacks(receiveSql, batch),
    probe: async () => {
      await receiveSql`select 1`;
    },
    spool: openSpool(config.dataDir),
    log,
    onKept: shards => (worker ? worker.wake(shards) : tellOthers.tell(shards)),
  });
  const unlisten = await listen(
    sql,
    (notice: Notice) => {
      if (notice.connectionId) directory.forget(notice.connectionId);
      if (notice.inbox) worker?.wake(notice.inbox);
    },
    () => directory.forget(null),
  );

  const app = new Hono<{ Bindings: HttpBindings }>();
  if (config.roles.has("receiver")) {
    const allowance = createAllowance(Date.now);
    const receiving = receiveRoutes({
      directory,
      providers,
      keeper,
      allowance,
      now: () => new Date(),
      log,
      trustedProxies: config.trustedProxies,
    });
    app.route("/", receiving);
  }
  const processId = randomUUID();
  const heartbeat = isWorker ? startHeartbeat(sql, "worker", processId) : null;
  const maintenance = isWorker ? startMaintenance({ sql, retentionDays: config.retentionDays, log }) : null;
  server.serve(app);

  return {
    url: `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${server.port}`,
    adminKey: keys.adminKey,
    adminKeyIsNew: keys.adminKeyIsNew,
    async stop() {
      await server.drain(drainMs);
      maintenance?.stop();
      await keeper.drain();
      await worker?.drain();
      await heartbeat?.stop();
      tellOthers.stop();
      await unlisten().catch(() => {});
      await Promise.all([receiveSql.end({ timeout: 5 }), sql.end({ timeout: 5 })]);
      await embedded?.stop();
    },
  };
}

/** One notice at most every 20 ms, after the commit: NOTIFY inside it would halve the throughput. */
function debouncedInboxNotice(sql: Sql): { tell(shards: Iterable<number>): void; stop(): void } {
  const waiting = new Set<number>();
  let timer: NodeJS.Timeout | null = null;
  return {
    tell(shards) {
      for (const shard of shards) waiting.add(shard);
      timer ??= setTimeout(() => {
        timer = null;
        const inbox = [...waiting];
        waiting.clear();
        notify(sql, { inbox }).catch(() => {});
      }, noticeEveryMs);
    },
    stop() {
      if (timer) clearTimeout(timer);
    },
  };
}
