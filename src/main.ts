import { randomUUID } from "node:crypto";
import { Registry } from "prom-client";
import { alertWorker, spoolWatch } from "./app/alert-services.ts";
import type { Config } from "./app/config.ts";
import { checkDataFolder } from "./app/data-folder.ts";
import { closeDataFolder } from "./app/data-folder-mode.ts";
import { databaseService } from "./app/database.ts";
import { egressService } from "./app/egress.ts";
import { connectionsMaxOf, fileLimit } from "./app/file-limit.ts";
import { ensureGeneratedKeys } from "./app/generated-keys.ts";
import { httpRoutes } from "./app/http-routes.ts";
import { requestService } from "./app/http-server.ts";
import { leaseHolder, takeOver } from "./app/lease-services.ts";
import { authorityOf } from "./app/listen-address.ts";
import { listeners } from "./app/listeners.ts";
import { noticeListener, noticeSender } from "./app/notices.ts";
import { personalDataUpkeep } from "./app/personal-data.ts";
import { createProgram } from "./app/program.ts";
import {
  apiPasses,
  eventReaders,
  hopWriterService,
  inboxService,
  keyUseService,
  openAnswerRoom,
} from "./app/receiver-services.ts";
import type { Running, StartOptions } from "./app/running.ts";
import { createServiceList } from "./app/service-list.ts";
import { telemetryService, tracingService } from "./app/telemetry.ts";
import {
  balanceWorker,
  deliverWorker,
  heartbeat,
  housekeeping,
  reconcileWorker,
  relayWorker,
  scheduledPasses,
  sessionSweep,
  settleWorker,
  statementWorker,
} from "./app/worker-services.ts";
import { patiently } from "./database/patiently.ts";
import { hasSealedValues } from "./database/sealed-values-store.ts";
import { backlogMetrics } from "./metrics/backlog.ts";
import { databaseMetrics } from "./metrics/database.ts";
import { limitMetrics } from "./metrics/limits.ts";
import { processMetrics } from "./metrics/process.ts";
import { reconcileMetrics } from "./metrics/reconcile.ts";
import { settleMetrics } from "./metrics/settle.ts";
import { providers as builtInProviders } from "./providers/registry.ts";

/** Bound for the stop, below the 30 s after which supervisors kill a process. */
const stopMs = 28_000;

/**
 * Starts the program: listens at once, waits for the database, then starts the services of the process's roles. They
 * stop in reverse: the requests first, then the rooms inwards, so that each may hand its last work on. A start that
 * fails stops what it had started.
 */
export async function startHakika(config: Config, options: StartOptions): Promise<Running> {
  const { log, signal, child = null, providers = builtInProviders } = options;
  const { host, port, adminListen } = config;
  checkDataFolder(config.dataDir);
  closeDataFolder(config);
  const registry = new Registry();
  processMetrics(registry);
  const metrics = child?.metricsOfAll(registry) ?? registry;
  // The receivers beside it serve for a worker that the first process started.
  const listens = child === null || config.roles.has("receiver");
  const workerId = config.roles.has("worker") ? randomUUID() : null;
  const services = createServiceList(log, stopMs);
  try {
    const telemetry = await services.start(telemetryService(log));
    limitMetrics(registry, telemetry);
    databaseMetrics(registry, telemetry);
    const connectionsMax = connectionsMaxOf(fileLimit(), log);
    const listening = listeners(config, metrics, connectionsMax, { telemetry, log });
    const server = listens ? await services.start(listening.main) : null;
    const adminServer = listens && listening.admin ? await services.start(listening.admin) : null;
    await services.start(tracingService(config.tracing, telemetry, log));
    const { directUrl, clients } = await services.start(databaseService(config, log, signal, telemetry));
    // A new key would open nothing of what a lost one sealed.
    const hasSealed = await patiently(() => hasSealedValues(clients.sql), options);
    const keys = ensureGeneratedKeys(config, { makesSecretKey: !hasSealed });
    const holder = await services.start(leaseHolder(directUrl));
    const egress = await services.start(egressService(config));
    const notices = await services.start(noticeSender(clients.sql));

    const boundPort = server?.port ?? port;
    const publicUrl = config.publicUrlIsDefault ? config.publicUrl.replace(/:0$/, `:${boundPort}`) : config.publicUrl;
    const shared = { config, publicUrl, keys, log, signal, registry, metrics, telemetry, providers };
    const program = await createProgram({ ...shared, clients, egress, notices });
    settleMetrics(registry, telemetry);
    reconcileMetrics(registry, telemetry);
    backlogMetrics(registry, program.backlog);

    await services.start(noticeListener(clients.listenSql, program, options));
    if (workerId !== null) {
      await services.start(heartbeat(program, workerId));
      await services.start(deliverWorker(program));
      await services.start(settleWorker(program));
      await services.start(reconcileWorker(program));
      await services.start(statementWorker(program));
      await services.start(balanceWorker(program));
      await services.start(relayWorker(program));
      await services.start(takeOver(program, holder));
      await services.start(scheduledPasses(program));
      await services.start(alertWorker(program));
    }
    const { signal: stopping } = await services.start(apiPasses());
    const inbox = await services.start(inboxService(program));
    await services.start(spoolWatch(program, inbox));
    const hopWriter = await services.start(hopWriterService(program));
    const answerRoom = openAnswerRoom(program, hopWriter);
    const keyUse = await services.start(keyUseService(program));
    const readers = new AbortController();
    const closing = readers.signal;
    const routes = httpRoutes(program, { inbox, answerRoom, keyUse, stopping, closing, workerId });
    if (server !== null) await services.start(requestService(server, routes.main));
    if (adminServer !== null && routes.admin) await services.start(requestService(adminServer, routes.admin));
    await services.start(eventReaders(readers));
    if (workerId !== null) {
      await services.start(housekeeping(program));
      await services.start(personalDataUpkeep(program));
      await services.start(sessionSweep(program));
    }

    const url = `http://${authorityOf({ host, port: boundPort })}`;
    const adminUrl =
      adminListen && `http://${authorityOf({ ...adminListen, port: adminServer?.port ?? adminListen.port })}`;
    return {
      url,
      adminUrl: adminUrl ?? url,
      adminKey: keys.adminKey,
      adminKeyIsNew: keys.adminKeyIsNew,
      stop: services.stop,
    };
  } catch (error) {
    await services.stop();
    throw error;
  }
}
