import { type AnswerRoom, createAnswerRoom } from "../answer/answer.ts";
import { createHopWriter, type HopWriter } from "../answer/ussd/hop-writer.ts";
import { createKeyUse, type KeyUse } from "../api/auth/key-use.ts";
import { recordKeyUse } from "../api/auth/store.ts";
import { throttledLog } from "../batch/throttled-log.ts";
import { answerMetrics } from "../metrics/answer.ts";
import { receiveMetrics } from "../metrics/receive.ts";
import { inboxDatabase } from "../receive/store/inbox-database-store.ts";
import { createInboxWriter, type InboxWriter } from "../receive/store/inbox-writer.ts";
import { openSpool, type Spool } from "../receive/store/spool.ts";
import type { Program } from "./program.ts";
import type { Service } from "./service-list.ts";

export type Inbox = { writer: InboxWriter; spool: Spool };

/** Writes callbacks to the database, or to the spool of the data folder; a spool that was left there is drained. */
export function inboxService(program: Program): Service<Inbox> {
  const { config, clients, log, telemetry, registry, wakeUps } = program;
  const { receiveSql } = clients;
  return {
    name: "inbox writer",
    start() {
      const spool = openSpool(config.dataDir, clients.vault);
      const writer = createInboxWriter({
        database: inboxDatabase(receiveSql),
        spool,
        log,
        onKept: wakeUps.inbox,
        handOver: wakeUps.local.settle?.handOver ?? null,
        telemetry,
      });
      const { isDatabaseUnavailable } = writer;
      receiveMetrics(registry, telemetry, { spoolBytes: spool.bytes, isDatabaseUnavailable });
      return { writer, spool };
    },
    stop: ({ writer }) => writer.drain(),
  };
}

/** Writes USSD hops after their answers. */
export function hopWriterService({ clients, log, wakeUps }: Program): Service<HopWriter> {
  return {
    name: "USSD hop writer",
    start: () => createHopWriter({ sql: clients.answerSql, wake: wakeUps.deliveries, log }),
    stop: writer => writer.drain(),
  };
}

/** Writes when keys were last used. */
export function keyUseService({ clients, log }: Program): Service<KeyUse> {
  const warn = throttledLog(log, "the last use of keys was not written");
  return {
    name: "last use of keys",
    start: () =>
      createKeyUse({
        write: (shard, keys) => recordKeyUse(clients.sql, shard, keys).catch(warn),
        now: () => new Date(),
      }),
    stop: keyUse => keyUse.stop(),
  };
}

/** Answers validations and USSD hops. */
export function openAnswerRoom(program: Program, hopWriter: HopWriter): AnswerRoom {
  const { clients, egress, phones, log, telemetry, registry } = program;
  const now = () => new Date();
  const deps = { sql: clients.answerSql, egress, phones, hopWriter, log, telemetry, now };
  const answerRoom = createAnswerRoom(deps);
  answerMetrics(registry, telemetry, answerRoom.openBreakers);
  return answerRoom;
}

/** Streams of events and waits for them: they end before the program waits for its running requests. */
export function eventReaders(readers: AbortController): Service<AbortController> {
  return { name: "readers of events", start: () => readers, stop: () => readers.abort() };
}

/**
 * Reconciliation passes that API calls run. A call that is closed early leaves its pass running: the stop aborts it.
 */
export function apiPasses(): Service<AbortController> {
  return { name: "passes of API calls", start: () => new AbortController(), stop: passes => passes.abort() };
}
