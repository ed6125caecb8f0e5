import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Registry } from "prom-client";
import { createAnswerRoom } from "../answer/answer.ts";
import { endSilentSessions } from "../answer/ussd/end-silent-sessions.ts";
import { createHopWriter } from "../answer/ussd/hop-writer.ts";
import { makeKeyCache } from "../api/auth/key-cache.ts";
import { createHealth } from "../api/health/health.ts";
import { dropOldKeys } from "../api/idempotency/store.ts";
import { answerNowhere } from "../api/nowhere.ts";
import { createDirectory } from "../connections/directory.ts";
import { makeSecretBox } from "../database/encryption.ts";
import { startHeartbeat } from "../database/heartbeat.ts";
import { installationKey, phoneHasher } from "../database/installation-key.ts";
import { startMaintenance } from "../database/maintenance.ts";
import { pendingMigrations } from "../database/migrate.ts";
import { createNotices, listen, type Notice, notify } from "../database/notices.ts";
import type { Database } from "../database/open.ts";
import { replaceConnections } from "../database/reconnecting-client.ts";
import { startDeliver } from "../deliver/deliver.ts";
import { createEgress } from "../egress/client.ts";
import { answerMetrics } from "../metrics/answer.ts";
import { backlogMetrics, createBacklog } from "../metrics/backlog.ts";
import { readBacklog } from "../metrics/backlog-store.ts";
import { deliverMetrics } from "../metrics/deliver.ts";
import { receiveMetrics } from "../metrics/receive.ts";
import { reconcileMetrics } from "../metrics/reconcile.ts";
import { settleMetrics } from "../metrics/settle.ts";
import { providers as registry } from "../providers/registry.ts";
import { insertCallbacks } from "../receive/store/callback-store.ts";
import { createInboxWriter } from "../receive/store/inbox-writer.ts";
import { openSpool } from "../receive/store/spool.ts";
import { createAccessTokens } from "../reconcile/calls/access-tokens.ts";
import { disablePolling } from "../reconcile/calls/disable-polling.ts";
import { startReconcileCron } from "../reconcile/cron.ts";
import { runPass } from "../reconcile/pass.ts";
import type { PollDeps } from "../reconcile/poll/poll-transaction.ts";
import { startReconcileWorker } from "../reconcile/worker.ts";
import { startSettleWorker } from "../settle/inbox/worker.ts";
import type { BatchResult } from "../settle/settle.ts";
import type { SettleDeps } from "../settle/settle-deps.ts";
import { createSettler } from "../settle/settler.ts";
import { createTelemetry } from "../telemetry/telemetry.ts";
import { openTracing } from "../tracing/open.ts";
import { userAgent } from "../version.ts";
import type { Config } from "./config.ts";
import { logEvents } from "./event-log.ts";
import { ensureGeneratedKeys, type Keys } from "./generated-keys.ts";
import { mountHttpRoutes } from "./http-routes.ts";
import type { HttpServer } from "./http-server.ts";
import type { Running, StartOptions } from "./running.ts";

/** For stopping altogether, and of it for requests that are under way. Exit included, below the 30 s after which supervisors kill. */
const drainMs = 28_000;
const requestsMs = 15_000;
const sweepEveryMs = 5_000;

/** What was begun before there are rooms. */
export type StartedParts = { keys: Keys; server: HttpServer; database: Database; metrics: Registry };

/** Composition root: configuration, database, rooms, drain. */
export async function compose(
  config: Config,
  options: Pick<StartOptions, "log" | "providers">,
  begun: StartedParts,
): Promise<Running> {
  const { log, providers = registry } = options;
  const { keys, server, database, metrics } = begun;
  const { clients } = database;
  const { receiveSql, sql, answerSql, deliverSql, db } = clients;
  const publicUrl = config.publicUrlIsDefault ? config.publicUrl.replace(/:0$/, `:${server.port}`) : config.publicUrl;

  const box = makeSecretBox(
    keys.secretKeys,
    () => ensureGeneratedKeys({ ...config, adminKey: keys.adminKey }).secretKeys,
  );
  const telemetry = createTelemetry(log);
  const tracing = await openTracing(config.tracing, telemetry, log);
  logEvents(log, telemetry);
  settleMetrics(metrics, telemetry);
  reconcileMetrics(metrics, telemetry);
  const backlog = createBacklog(() => readBacklog(sql), performance.now.bind(performance));
  backlogMetrics(metrics, backlog);
  const egress = createEgress({ allow: config.egressAllow, userAgent });
  const directory = createDirectory({ sql: receiveSql, box });
  const phoneHash = phoneHasher(await installationKey(sql, box, "phone-hash"));
  const isWorker = config.roles.has("worker");
  const keyCache = makeKeyCache();

  const chance = { now: () => new Date(), random: Math.random };
  const deliver = isWorker ? startDeliver({ sql: deliverSql, egress, box, log, telemetry, ...chance }) : null;
  if (deliver) deliverMetrics(metrics, telemetry, deliver.count);
  const notices = createNotices(sql);
  const wakeDeliver = (shard: number, endpointIds: string[]) =>
    deliver ? deliver.wake(shard, endpointIds) : notices.tellDue(shard, endpointIds);
  const settleDeps: SettleDeps = { sql, telemetry, providers, phoneHash };
  const onSettled = (shard: number, result: BatchResult) => {
    wakeDeliver(shard, result.wake);
    reconciler?.wake(result.pollNow);
    for (const stop of result.pollingStops) void stopAsked(shard, stop);
  };
  const worker = isWorker
    ? startSettleWorker({
        ...settleDeps,
        directory,
        log,
        onSettled,
      })
    : null;
  const settler = createSettler({ ...settleDeps, onSettled });
  const stopping = new AbortController();
  const askDeps: PollDeps = {
    sql,
    box,
    egress,
    providers,
    connectionOf: directory.byId,
    settle: settler.settle,
    publicUrl: () => publicUrl,
    log,
    tokens: createAccessTokens({ sql, box, log }),
    telemetry,
  };
  const stopAsked = async (shard: number, stop: BatchResult["pollingStops"][number]) => {
    const connection = await directory.byId(shard, stop.connectionId).catch(() => null);
    const provider = connection && providers.get(connection.provider);
    if (provider) await disablePolling(askDeps, { connection, provider }, stop.kind, stop.reason).catch(() => {});
  };
  const reconciler = isWorker ? startReconcileWorker(askDeps) : null;
  const cron = startReconcileCron(isWorker ? config.reconcileCron : null, signal => runPass(askDeps, {}, signal), log);

  const spool = openSpool(config.dataDir);
  const inboxWriter = createInboxWriter({
    write: batch => insertCallbacks(receiveSql, batch),
    probe: async () => {
      await receiveSql`select 1`;
    },
    onTimeout: () => replaceConnections(receiveSql),
    spool,
    log,
    onKept: shards => (worker ? worker.wake(shards) : notices.tellInbox(shards)),
    telemetry,
  });
  const hopWriter = createHopWriter({ sql: answerSql, wake: wakeDeliver, log });
  const answerRoom = createAnswerRoom({
    sql: answerSql,
    egress,
    phoneHash,
    hopWriter,
    log,
    telemetry,
    now: () => new Date(),
  });
  receiveMetrics(metrics, telemetry, {
    spoolBytes: spool.bytes,
    isDatabaseUnavailable: inboxWriter.isDatabaseUnavailable,
  });
  answerMetrics(metrics, telemetry, answerRoom.openBreakers);

  const hear = (notice: Notice) => {
    if (notice.connectionId) directory.forget(notice.connectionId);
    if (notice.merchantId) keyCache.forget(notice.merchantId);
    if (notice.endpointId) deliver?.changed(notice.endpointId);
    if (notice.inbox) worker?.wake(notice.inbox);
    if (notice.due) deliver?.wake(notice.due.shard, notice.due.endpointIds);
  };
  const unlisten = await listen(sql, hear, () => {
    directory.forget(null);
    deliver?.changed(null);
  });

  const app = new Hono<{ Bindings: HttpBindings }>();
  if (config.roles.has("receiver")) {
    const changed = async (what: Notice) => {
      hear(what);
      await notify(sql, what);
    };
    const wakeInbox = (shard: number) => (worker ? worker.wake([shard]) : notices.tellInbox([shard]));
    const { adminKey } = keys;
    const rooms = {
      db,
      sql,
      box,
      directory,
      providers,
      inboxWriter,
      answerRoom,
      settler,
      askDeps,
      backlog,
      keyCache,
      log,
    };
    mountHttpRoutes(app, {
      ...rooms,
      config,
      spoolBytes: spool.bytes,
      adminKey,
      publicUrl,
      changed,
      wakeInbox,
      wakeDeliver,
      telemetry,
      stopping,
    });
  }
  const processId = randomUUID();
  const heartbeat = isWorker ? startHeartbeat(sql, "worker", processId) : null;
  const maintenance = isWorker
    ? startMaintenance({ sql, dropOldKeys: () => dropOldKeys(db), retentionDays: config.retentionDays, log })
    : null;
  const sweeper = isWorker
    ? setInterval(() => void endSilentSessions({ sql: answerSql, wake: wakeDeliver }).catch(() => {}), sweepEveryMs)
    : undefined;
  const workerId = isWorker ? processId : null;
  app.route("/", createHealth({ db, pendingMigrations: () => pendingMigrations(sql), workerId, registry: metrics }));
  answerNowhere(app, log);
  server.serve(app);

  return {
    url: `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${server.port}`,
    adminKey: keys.adminKey,
    adminKeyIsNew: keys.adminKeyIsNew,
    async stop() {
      await Promise.race([end(), pause(drainMs, undefined, { ref: false })]);
    },
  };

  /** From the doors inwards: what a room still hands on finds the next one open. */
  async function end(): Promise<void> {
    clearInterval(sweeper);
    maintenance?.stop();
    await server.drain(requestsMs);
    await hopWriter.drain();
    await inboxWriter.drain();
    stopping.abort();
    await cron.stop();
    await reconciler?.drain();
    await worker?.drain();
    await deliver?.drain();
    await heartbeat?.stop();
    notices.stop();
    await unlisten().catch(() => {});
    await egress.close();
    await database.close();
    await tracing?.stop();
  }
}
