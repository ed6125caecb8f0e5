import { createHash, createHmac } from "node:crypto";
import { onTestFinished } from "vitest";
import type { AnsweringChannel } from "../../src/answer/answer.ts";
import { createAnswer } from "../../src/answer/answer.ts";
import type { AnswerDeps, AnsweredCallback } from "../../src/answer/decision.ts";
import { createHopWriter, type HopWriterDeps } from "../../src/answer/ussd/hop-writer.ts";
import type { Connection } from "../../src/connections/connection.ts";
import type { Sql } from "../../src/database/connect.ts";
import { newUuid } from "../../src/domain/ids.ts";
import type { Money } from "../../src/domain/money.ts";
import { parseRange } from "../../src/egress/address.ts";
import { createEgress } from "../../src/egress/client.ts";
import { fanOut } from "../../src/outbox/fan-out.ts";
import { parseBody } from "../../src/providers/kit/parse-body.ts";
import type { Reply } from "../../src/providers/provider.ts";
import { providers } from "../../src/providers/registry.ts";
import type { CallbackRecord } from "../../src/receive/store/callback-record.ts";
import { insertCallbacks } from "../../src/receive/store/callback-store.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { registering, settleDeps } from "../support/settling.ts";
import { silentLog } from "../support/silent-log.ts";
import { silentTelemetry } from "../support/silent-telemetry.ts";

export type TestRoom = {
  /** Posts as a provider would, past the receiver: a text is a form, an object JSON. */
  post(connection: Connection, channel: string, body: unknown): Promise<Reply>;
  /** What was handed over to be kept, in order. */
  kept: AnsweredCallback[];
  /** Writes what was handed over, callbacks and screens. */
  store(): Promise<void>;
  /** What `now` answers, in ms; the breaker goes by it. */
  clock: { ms: number };
};

const phoneHash = (phone: string) => createHmac("sha256", "a key for tests").update(phone).digest();

/** One process's answer room on a real database and a real network. Two of them are two processes. */
export function answerRoom(sql: Sql, more: Partial<AnswerDeps> = {}, writing: Partial<HopWriterDeps> = {}): TestRoom {
  const egress = createEgress({ allow: [parseRange("127.0.0.1/32")!], userAgent: "Hakika/test" });
  onTestFinished(() => egress.close());
  const kept: AnsweredCallback[] = [];
  const clock = { ms: Date.parse("2026-11-20T09:00:00Z") };
  const writer = createHopWriter({ sql, fanOut, log: silentLog, ...writing });
  const room = createAnswer({
    sql,
    send: egress.send,
    phoneHash,
    keep: async record => void kept.push(record),
    keepHop: writer.keepHop,
    log: silentLog,
    telemetry: silentTelemetry,
    now: () => new Date(clock.ms),
    ...more,
  });
  let stored = 0;

  return {
    kept,
    clock,
    async post(connection, channelName, body) {
      const channel = providers.get(connection.provider)!.channels[channelName] as AnsweringChannel;
      const isForm = typeof body === "string";
      const bytes = Buffer.from(isForm ? body : JSON.stringify(body));
      const contentType = isForm ? "application/x-www-form-urlencoded" : "application/json";
      const parsed = parseBody(bytes, contentType, channel.forms);
      const digest = createHash("sha256").update(bytes).digest();
      const key = (parsed.kind === "object" ? channel.key(parsed.value) : null) ?? `digest:${digest.toString("hex")}`;
      const callback = {
        id: newUuid(connection.shard),
        channel: channelName,
        headers: { "content-type": contentType },
        body: bytes,
        receivedAt: new Date(clock.ms),
        key,
        digest,
      };
      return room.answer(connection, channel, callback, parsed);
    },
    async store() {
      for (; stored < kept.length; stored += 1) {
        const rows = [{ record: recordOf(kept[stored]!), copies: 1 }];
        await insertCallbacks(sql, { batchId: newUuid(0), rows });
      }
      await writer.drain();
    },
  };
}

function recordOf({ connection, callback, answer, quarantine }: AnsweredCallback): CallbackRecord {
  const { shard, merchantId, id: connectionId, provider } = connection;
  const { body, ...rest } = callback;
  return {
    ...rest,
    body: Buffer.from(body),
    shard,
    merchantId,
    connectionId,
    provider,
    strength: "hint",
    quarantine,
    answer,
  };
}

/** Registers a transaction as the management API does. */
export async function register(
  sql: Sql,
  connection: Connection,
  registration: {
    kind: "c2b" | "stk_push" | "airtime";
    reference?: string;
    amount?: Money;
    phone?: string;
    expiresAt?: Date;
  },
): Promise<string> {
  const result = await settleBatch(settleDeps(sql), connection.shard, [registering(connection, registration)]);
  return result.settled[0]!.transactionIds[0]!;
}

export const kes = (minor: bigint): Money => ({ minor, currency: "KES" });
