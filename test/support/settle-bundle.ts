import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import type { Sql } from "../../src/database/connect.ts";
import type { Evidence } from "../../src/domain/evidence.ts";
import type { Registration, Transaction } from "../../src/domain/transaction.ts";
import type { BatchResult, SettleDeps } from "../../src/settle/batch.ts";
import type { SettleItem } from "../../src/settle/item.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { type TestDatabase, testDatabase } from "./database.ts";
import { callbackSays, kes } from "./evidence.ts";
import { connection, merchant, type TestConnection, type TestMerchant } from "./fixtures.ts";
import {
  type AnnouncedEvent,
  eventsOf,
  evidenceItem,
  registrationItem,
  remainingTransactions,
  settleDeps,
  transactionsOf,
} from "./settling.ts";

/** The amount of every payment below, unless a test says otherwise. */
export const amount = kes(5000);

export type SettleBundle = {
  sql(): Sql;
  deps(): SettleDeps;
  /** The Daraja connection that each test has for itself. */
  daraja(): TestConnection;
  /** Another Daraja connection of the same merchant. */
  anotherConnection(): Promise<TestConnection>;
  /** Settles the items in one batch. */
  settle(...items: SettleItem[]): Promise<BatchResult>;
  /** Settles the items in one batch, or each in a batch of its own. */
  settleAll(items: SettleItem[], inOneBatch: boolean): Promise<void>;

  /** What the evidence says, on the test's connection. `target`: the transaction it is about. */
  says(evidence: Evidence, target?: string): SettleItem;
  /** A registration on the test's connection. */
  registers(registration: Partial<Registration>, how?: { amend?: boolean }): SettleItem;

  /** All transactions of the test's connection, oldest first. */
  transactions(): Promise<Transaction[]>;
  /** Those of them that were not merged into another one. */
  remaining(): Promise<Transaction[]>;
  /** The one transaction that was not merged; fails where there are several, or none. */
  theTransaction(): Promise<Transaction>;
  eventsOf(transaction: Transaction): Promise<AnnouncedEvent[]>;
  eventTypesOf(transaction: Transaction): Promise<string[]>;
};

/** A database, a merchant, and a connection for each test of the file. Its hooks set them up and remove them. */
export function settleBundle(): SettleBundle {
  let database: TestDatabase;
  let deps: SettleDeps;
  let owner: TestMerchant;
  let daraja: TestConnection;

  beforeAll(async () => {
    database = await testDatabase();
    deps = settleDeps(database.sql);
    owner = await merchant(database.sql);
  });
  beforeEach(async () => {
    daraja = await connection(database.sql, owner);
  });
  afterAll(() => database?.drop());

  const settle = (...items: SettleItem[]) => settleBatch(deps, owner.shard, items);
  const remaining = () => remainingTransactions(database.sql, daraja);
  return {
    sql: () => database.sql,
    deps: () => deps,
    daraja: () => daraja,
    anotherConnection: () => connection(database.sql, owner),
    settle,
    async settleAll(items, inOneBatch) {
      if (inOneBatch) await settle(...items);
      else for (const item of items) await settle(item);
    },
    says: (evidence, target) => evidenceItem(daraja, evidence, target),
    registers: (registration, how) => registrationItem(daraja, registration, how),
    transactions: () => transactionsOf(database.sql, daraja),
    remaining,
    async theTransaction() {
      const transactions = await remaining();
      expect(transactions).toHaveLength(1);
      return transactions[0]!;
    },
    eventsOf: transaction => eventsOf(database.sql, transaction),
    eventTypesOf: async transaction => (await eventsOf(database.sql, transaction)).map(event => event.type),
  };
}

/** The refs of the `n`-th STK push. */
export const pushRefs = (n: number) => ({ checkout_request_id: `ws_CO_${n}` });

/** The callback of the `n`-th STK push, paid with a receipt. */
export function pushPaid(n: number, receipt: string, more: Partial<Evidence> = {}): Evidence {
  const identity = [`checkout_request_id:ws_CO_${n}`, `receipt:${receipt}`];
  return callbackSays("completed", { identity, refs: { ...pushRefs(n), receipt }, amount, ...more });
}

/** The callback of the `n`-th STK push, cancelled by the payer. */
export function pushCancelled(n: number): Evidence {
  return callbackSays("failed", {
    identity: [`checkout_request_id:ws_CO_${n}`],
    refs: pushRefs(n),
    result: { code: "1032", description: "cancelled" },
  });
}

/** The C2B confirmation of a payment with a receipt. */
export function c2bPaid(receipt: string, more: Partial<Evidence> = {}): Evidence {
  return callbackSays("completed", {
    kind: "c2b",
    identity: [`receipt:${receipt}`],
    refs: { receipt },
    amount,
    ...more,
  });
}

/** Runs `count` races, `atOnce` at a time. */
export async function runRaces(count: number, atOnce: number, race: (n: number) => Promise<unknown>): Promise<void> {
  for (let n = 0; n < count; n += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, count - n) }, (_, offset) => race(n + offset)));
  }
}
