import { afterAll, beforeAll, onTestFinished } from "vitest";
import { createAnswerRoom } from "../../src/answer/answer.ts";
import type { AnswerDeps } from "../../src/answer/answer-context.ts";
import type { AnsweredDecision } from "../../src/answer/decision.ts";
import { createHopWriter } from "../../src/answer/ussd/hop-writer.ts";
import type { Connection } from "../../src/connections/connection.ts";
import type { ConnectionSettings } from "../../src/connections/settings.ts";
import type { Sql } from "../../src/database/connect.ts";
import { phoneHasher } from "../../src/database/installation-key.ts";
import { newUuid } from "../../src/domain/ids.ts";
import type { Money } from "../../src/domain/money.ts";
import { parseRange } from "../../src/egress/address.ts";
import { createEgress } from "../../src/egress/client.ts";
import type { Reply } from "../../src/providers/provider.ts";
import { providers } from "../../src/providers/registry.ts";
import { type ReceiveDeps, receive } from "../../src/receive/receive.ts";
import type { CallbackRecord } from "../../src/receive/store/callback-record.ts";
import { insertCallbacks } from "../../src/receive/store/callback-store.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { merchant, connection as newConnection, type TestMerchant } from "../support/fixtures.ts";
import { registrationItem, settleDeps } from "../support/settling.ts";
import { silentLog } from "../support/silent-log.ts";
import { silentTelemetry } from "../support/silent-telemetry.ts";

/** The receiver and the answer room of one process, on a real database and a real network. Two are two processes. */
export type TestReceiver = {
  /** Posts as a provider does: a text is a form, anything else JSON. */
  post(connection: Connection, channel: string, body: unknown): Promise<Reply>;
  /** In the order of the replies. */
  decisions: AnsweredDecision[];
  /** Writes callbacks and USSD hops. */
  store(): Promise<void>;
  /** The time of `now`, in ms; the breaker uses it. */
  clock: { ms: number };
};

const phones = phoneHasher(Buffer.from("a key for tests"));

export function testReceiver(sql: Sql, more: Partial<AnswerDeps> = {}): TestReceiver {
  const egress = createEgress({ allow: [parseRange("127.0.0.1/32")!], userAgent: "Hakika/test" });
  onTestFinished(() => egress.close());
  const records: CallbackRecord[] = [];
  const decisions: AnsweredDecision[] = [];
  const clock = { ms: Date.parse("2026-11-20T09:00:00Z") };
  const now = () => new Date(clock.ms);
  const hopWriter = createHopWriter({ sql, wake: () => {}, log: silentLog });
  const telemetry = silentTelemetry;
  const answerRoom = createAnswerRoom({ sql, egress, phones, hopWriter, log: silentLog, telemetry, now, ...more });
  let stored = 0;

  function receiveDeps(connection: Connection): ReceiveDeps {
    return {
      directory: {
        byToken: () => ({ kind: "found", connection }),
        byId: async () => connection,
        forget: () => {},
      },
      providers,
      vault: sql.vault,
      inboxWriter: {
        async append(record) {
          records.push(record);
          return "kept";
        },
        isDatabaseUnavailable: () => false,
        drain: async () => {},
      },
      answerRoom: {
        ...answerRoom,
        async answer(...request) {
          const decision = await answerRoom.answer(...request);
          decisions.push(decision);
          return decision;
        },
      },
      publishedKeys: { known: () => null, refresh: async () => false, confirm: () => {} },
      refusalLimit: () => true,
      publicUrl: "https://pay.example.com",
      now,
      log: silentLog,
    };
  }

  return {
    decisions,
    clock,
    async post(connection, channel, body) {
      const isForm = typeof body === "string";
      const { reply } = await receive(receiveDeps(connection), {
        provider: connection.provider,
        token: "",
        channel,
        method: "POST",
        query: "",
        headers: { "content-type": isForm ? "application/x-www-form-urlencoded" : "application/json" },
        address: "127.0.0.1",
        readBody: async () => Buffer.from(isForm ? body : JSON.stringify(body)),
      });
      return reply;
    },
    async store() {
      for (; stored < records.length; stored += 1) {
        await insertCallbacks(sql, { batchId: newUuid(0), rows: [{ record: records[stored]!, copies: 1 }] });
      }
      await hopWriter.drain();
    },
  };
}

export type AnswerSetup = {
  sql: Sql;
  owner: TestMerchant;
  connection: Connection;
  receiver: TestReceiver;
};

/** The database of a test file. `open` makes a merchant with one connection, and the receiver of one process. */
export function answerBundle() {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());

  return {
    async open(
      provider: string,
      settings: ConnectionSettings = {},
      deps: Partial<AnswerDeps> = {},
    ): Promise<AnswerSetup> {
      const { sql } = database;
      const owner = await merchant(sql);
      const connection = await newConnection(sql, owner, { provider, settings });
      return { sql, owner, connection, receiver: testReceiver(sql, deps) };
    },
  };
}

/** Registers a transaction as the management API does; resolves to its id. */
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
  const result = await settleBatch(settleDeps(sql), connection.shard, [registrationItem(connection, registration)]);
  return result.settled[0]!.transactionIds[0]!;
}

export const kes = (minor: bigint): Money => ({ minor, currency: "KES" });
