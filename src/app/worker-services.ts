import { endSilentSessions } from "../answer/ussd/end-silent-sessions.ts";
import { dropOldKeys } from "../api/idempotency/store.ts";
import { type BalanceWorker, startBalanceWorker } from "../books/balances/worker.ts";
import { dropStrayParts } from "../books/statements/upload-store.ts";
import { type StatementWorker, startStatementWorker } from "../books/statements/worker.ts";
import { dropEndedSessions } from "../console/session/session-store.ts";
import type { Db, Sql } from "../database/connect.ts";
import { startHeartbeat } from "../database/heartbeat.ts";
import { startMaintenance } from "../database/maintenance.ts";
import { type Deliver, startDeliver } from "../deliver/deliver.ts";
import { type RelayWorker, startRelayWorker } from "../deliver/relay/relay-worker.ts";
import { deliverMetrics } from "../metrics/deliver.ts";
import { startReconcileCron } from "../reconcile/cron.ts";
import { runPass } from "../reconcile/pass.ts";
import { dropOldPolls } from "../reconcile/poll/old-polls-store.ts";
import { type ReconcileWorker, startReconcileWorker } from "../reconcile/worker.ts";
import { type SettleWorker, startSettleWorker } from "../settle/inbox/worker.ts";
import type { Program } from "./program.ts";
import type { Service } from "./service-list.ts";

const sweepEveryMs = 5_000;

type Stoppable = { stop(): Promise<void> | void };

/** Shows other processes that this worker lives, under its id. */
export function heartbeat({ clients }: Program, workerId: string): Service<Stoppable> {
  return {
    name: "heartbeat",
    start: () => startHeartbeat(clients.sql, "worker", workerId),
    stop: beating => beating.stop(),
  };
}

/** Sends events to merchants' endpoints. */
export function deliverWorker(program: Program): Service<Deliver> {
  const { clients, egress, box, auditKey, log, telemetry, registry, wakeUps } = program;
  return {
    name: "deliver worker",
    start() {
      const chance = { now: () => new Date(), random: Math.random };
      const deliver = startDeliver({ sql: clients.deliverSql, egress, box, auditKey, log, telemetry, ...chance });
      deliverMetrics(registry, telemetry, deliver.count);
      wakeUps.local.deliver = deliver;
      return deliver;
    },
    stop: deliver => deliver.drain(),
  };
}

/** Sends callbacks on to the handlers that were there before. */
export function relayWorker({ clients, egress, directory, log }: Program): Service<RelayWorker> {
  return {
    name: "relay worker",
    start: () =>
      startRelayWorker({
        ...{ sql: clients.sql, egress, log, now: () => new Date(), random: Math.random },
        async targetOf(shard, connectionId) {
          const connection = await directory.byId(shard, connectionId);
          const url = connection?.settings.relay?.url;
          if (!connection || url === undefined) return null;
          return { url, secret: connection.forwardSecret, environment: connection.environment };
        },
      }),
    stop: worker => worker.drain(),
  };
}

/** Reads kept callbacks and settles them. */
export function settleWorker({ settle, directory, log, wakeUps }: Program): Service<SettleWorker> {
  return {
    name: "settle worker",
    start() {
      wakeUps.local.settle = startSettleWorker({ ...settle, directory, log });
      return wakeUps.local.settle;
    },
    stop: worker => worker.drain(),
  };
}

/** Runs urgent polls, and ends expired transactions. */
export function reconcileWorker({ reconcile, wakeUps }: Program): Service<ReconcileWorker> {
  return {
    name: "reconcile worker",
    start() {
      wakeUps.local.reconcile = startReconcileWorker(reconcile);
      return wakeUps.local.reconcile;
    },
    stop: worker => worker.drain(),
  };
}

/** Compares balances that providers tell. */
export function balanceWorker({ reconcile }: Program): Service<BalanceWorker> {
  return {
    name: "balance worker",
    start: () => startBalanceWorker(reconcile),
    stop: worker => worker.drain(),
  };
}

/** Imports uploaded statements. */
export function statementWorker({ reconcile, wakeUps }: Program): Service<StatementWorker> {
  return {
    name: "statement worker",
    start() {
      wakeUps.local.statements = startStatementWorker({ ...reconcile, now: () => new Date() });
      return wakeUps.local.statements;
    },
    stop: worker => worker.drain(),
  };
}

/** Runs reconciliation passes on the configured schedule. */
export function scheduledPasses({ config, reconcile, log }: Program): Service<Stoppable> {
  return {
    name: "scheduled passes",
    start: () => startReconcileCron(config.reconcileCron, signal => runPass(reconcile, {}, signal), log),
    stop: cron => cron.stop(),
  };
}

/** Idempotency keys and sessions that have expired. */
async function dropOld(db: Db): Promise<void> {
  await dropOldKeys(db);
  await dropEndedSessions(db);
}

/** Old polls, and what interrupted uploads left. */
async function dropOldPollsAndParts(sql: Sql, retentionDays: number): Promise<void> {
  await dropOldPolls(sql, retentionDays);
  await dropStrayParts(sql);
}

/** Makes and drops partitions, and removes what has expired, and old polls. */
export function housekeeping({ config, clients: { sql, db }, log }: Program): Service<Stoppable> {
  const { personalDataDays } = config;
  // Raw bodies are full of personal data, and none is younger than what it tells.
  const retentionDays = Math.min(config.retentionDays, personalDataDays || config.retentionDays);
  return {
    name: "housekeeping",
    start: () =>
      startMaintenance({
        sql,
        dropOldKeys: () => dropOld(db),
        dropOldPolls: () => dropOldPollsAndParts(sql, retentionDays),
        retentionDays,
        log,
      }),
    stop: maintenance => maintenance.stop(),
  };
}

/** Ends USSD sessions without input. */
export function sessionSweep({ clients, wakeUps }: Program): Service<NodeJS.Timeout> {
  const deps = { sql: clients.answerSql, wake: wakeUps.deliveries };
  return {
    name: "end of silent USSD sessions",
    // Without the database the next sweep tries again.
    start: () => setInterval(() => endSilentSessions(deps).catch(() => {}), sweepEveryMs),
    stop: timer => clearInterval(timer),
  };
}
