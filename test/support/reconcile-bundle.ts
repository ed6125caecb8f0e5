import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { Connection } from "../../src/connections/connection.ts";
import type { Sql } from "../../src/database/connect.ts";
import type { Registration, Transaction } from "../../src/domain/transaction.ts";
import { type SimulatedDaraja, simulateDaraja } from "../../src/providers/daraja/simulator/server.ts";
import type { DarajaOptions } from "../../src/providers/daraja/simulator/state.ts";
import type { PassInput, PassSummary } from "../../src/reconcile/pass.ts";
import type { ScriptOutcome, ScriptStep } from "../../src/simulator/script.ts";
import type { SimulatedCall } from "../../src/simulator/server.ts";
import { type TestDatabase, testDatabase } from "./database.ts";
import { kes } from "./evidence.ts";
import { connection, merchant, type TestConnection, type TestMerchant } from "./fixtures.ts";
import { eventsOf, remainingTransactions } from "./settling.ts";
import { type TestReconciler, testReconciler } from "./test-reconciler.ts";

/** Credentials with which Daraja's status of a push can be polled. */
export const darajaCredentials = {
  consumer_key: "key",
  consumer_secret: "secret",
  shortcode: "174379",
  passkey: "passkey",
};

/** An entry of `poll_queue`; times in seconds from now. */
export type EntryRow = {
  transaction_id: string;
  lease_id: string | null;
  due_at: Date;
  ready: boolean;
  urgent: boolean;
  tries: number;
  failures: number;
  due_in: number;
  ends_in: number;
};

/** A push in the simulated Daraja's ledger. */
type Push = { id: string; outcome: ScriptOutcome; steps: ScriptStep[]; receipt: string };

/**
 * What tests of reconciling share: per file a database, a merchant and a reconciler, per test a simulated Daraja and a
 * connection to it. The fields are set once a test runs; functions without a connection are about `connection`.
 */
export type ReconcileBundle = {
  database: TestDatabase;
  sql: Sql;
  merchant: TestMerchant;
  reconciler: TestReconciler;
  daraja: SimulatedDaraja;
  connection: TestConnection;
  /** Makes another connection of the merchant, to the simulated Daraja by default, and the test's `connection`. */
  connect(more?: {
    provider?: string;
    credentials?: Record<string, string>;
    settings?: Connection["settings"];
    baseUrl?: string;
  }): Promise<TestConnection>;
  /** Adds a push of KES 50 to the simulated Daraja's ledger: `ws_CO_1`, completed, unless told otherwise. */
  addPush(more?: Partial<Push>): void;
  /** Registers a push of KES 50: `ws_CO_1` unless told otherwise. */
  registerPush(more?: Partial<Registration>): Promise<Transaction>;
  backdate(seconds: number): Promise<void>;
  pass(input?: PassInput): Promise<PassSummary>;
  /** The first transaction that was not merged into another. */
  transaction(): Promise<Transaction>;
  /** Types of the events about that transaction, in order. */
  eventTypes(): Promise<string[]>;
  entries(): Promise<EntryRow[]>;
  /** Calls of the simulated Daraja's status calls. */
  statusCalls(): SimulatedCall[];
};

/** Sets up the bundle by hooks of the test file. `settings` and `credentials` are of each test's connection. */
export function reconcileBundle(
  options: { settings?: Connection["settings"]; credentials?: Record<string, string>; daraja?: DarajaOptions } = {},
): ReconcileBundle {
  const { settings = {}, credentials = darajaCredentials } = options;
  const bundle = {
    async connect(more = {}) {
      const defaults = { credentials, settings, baseUrl: bundle.daraja.url };
      bundle.connection = await connection(bundle.sql, bundle.merchant, { ...defaults, ...more });
      return bundle.connection;
    },
    addPush({ id = "ws_CO_1", outcome = "completed", steps = [], receipt = "TJIKQ7V33N" } = {}) {
      bundle.daraja.ledger.add(id, { outcome, steps, amount: "50", phone: "254712345678", receipt });
    },
    registerPush: (more = {}) =>
      bundle.reconciler.register(bundle.connection, {
        refs: { checkout_request_id: "ws_CO_1" },
        amount: kes(5000),
        ...more,
      }),
    backdate: seconds => bundle.reconciler.backdate(bundle.connection, seconds),
    pass: (input = {}) => bundle.reconciler.pass({ connectionId: bundle.connection.id, ...input }),
    transaction: async () => (await remainingTransactions(bundle.sql, bundle.connection))[0]!,
    eventTypes: async () => (await eventsOf(bundle.sql, await bundle.transaction())).map(event => event.type),
    entries: async () => await entriesOf(bundle.sql, bundle.connection),
    statusCalls: () => bundle.daraja.calls.filter(call => call.what === "status"),
  } as ReconcileBundle;

  beforeAll(async () => {
    bundle.database = await testDatabase();
    bundle.sql = bundle.database.sql;
    bundle.merchant = await merchant(bundle.sql);
    bundle.reconciler = testReconciler(bundle.sql);
  });
  beforeEach(async () => {
    bundle.daraja = await simulateDaraja(options.daraja);
    await bundle.connect();
  });
  afterEach(() => bundle.daraja.close());
  afterAll(async () => {
    await bundle.reconciler.close();
    await bundle.database.drop();
  });
  return bundle;
}

async function entriesOf(sql: Sql, { shard, id }: TestConnection): Promise<EntryRow[]> {
  return await sql<EntryRow[]>`
    select transaction_id, lease_id, due_at, ready, urgent, tries, failures,
      extract(epoch from due_at - now())::float8 as due_in, extract(epoch from ends_at - now())::float8 as ends_in
    from poll_queue where shard = ${shard} and connection_id = ${id} order by transaction_id`;
}
