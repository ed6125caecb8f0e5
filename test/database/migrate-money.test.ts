import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkInvariants } from "../../src/cli/doctor/invariants.ts";
import type { Connection } from "../../src/connections/connection.ts";
import { migrate, migrationsFolder } from "../../src/database/migrate.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { newDataFolder } from "../support/data-folder.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { callbackSays, kes } from "../support/evidence.ts";
import { connection, merchant, testBox } from "../support/fixtures.ts";
import { eventsOf, evidenceItem, settleDeps, transactionsOf } from "../support/settling.ts";

let database: TestDatabase;

beforeEach(async () => {
  database = await testDatabase();
  await database.sql`drop schema drizzle cascade`;
  await database.sql`drop schema public cascade`;
  await database.sql`create schema public`;
});

afterEach(async () => {
  await database.drop();
});

/** The migrations up to the last one before version 2 of the rules of money. */
function migrationsBefore(): string {
  const folder = newDataFolder();
  cpSync(migrationsFolder, folder, { recursive: true });
  const file = path.join(folder, "meta", "_journal.json");
  const journal = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, 6) }));
  return folder;
}

type Old = {
  status: string;
  registered?: boolean;
  amount?: number | null;
  review?: object | null;
  kind?: string;
  evidence: { says: string; finding: Record<string, unknown> }[];
  told?: string[];
};

const money = (minor: number) => ({ minor: String(minor), currency: "KES" });
const hint = (says: string, more: Record<string, unknown> = {}) => ({
  says,
  finding: {
    kind: "stk_push",
    says,
    identity: ["checkout_request_id:ws_CO_1"],
    refs: { checkout_request_id: "ws_CO_1" },
    ...more,
  },
});

/** What a database of before may hold, by what is odd about it by the new rules. */
const old = {
  "completed without an amount": { status: "completed", evidence: [hint("completed")], told: ["payment.completed"] },
  "completed over zero": {
    status: "completed",
    kind: "c2b",
    registered: false,
    amount: 0,
    evidence: [hint("completed", { kind: "c2b", amount: money(0) })],
    told: ["payment.completed"],
  },
  "payout failed by a hint": {
    status: "failed",
    kind: "b2c",
    evidence: [hint("failed", { kind: "b2c" })],
    told: ["payout.failed"],
  },
  "refunded in part": {
    status: "refunded",
    evidence: [
      hint("completed", { amount: money(5000) }),
      { ...hint("refunded", { identity: [], refs: {}, reversedBy: newUuid(7) }) },
    ],
    told: ["payment.completed", "payment.refunded"],
  },
  "success that is not believed": {
    status: "pending",
    evidence: [hint("completed")],
    review: { reason: "unregistered", since: "2026-01-01T00:00:00.000Z", detail: "A success is not believed." },
    told: ["transaction.review_required"],
  },
  "success of another amount": {
    status: "pending",
    evidence: [hint("completed", { amount: money(4000) })],
    review: { reason: "amount_mismatch", since: "2026-01-01T00:00:00.000Z", detail: "A success names another amount." },
    told: ["transaction.review_required"],
  },
} satisfies Record<string, Old>;

async function insertOld(on: Connection, endpointId: string, name: string, row: Old): Promise<void> {
  const { sql } = database;
  const { shard, merchantId } = on;
  const id = newUuid(shard);
  const { status, registered = true, amount = 5000, review = null, kind = "stk_push", evidence, told = [] } = row;
  const registration = { kind, refs: { checkout_request_id: "ws_CO_1" }, reference: name, amount: money(5000) };
  const json = (value: unknown) => JSON.stringify(value);
  await sql`
    insert into transactions (shard, id, merchant_id, connection_id, provider, kind, status, status_source, registered, version,
      sequence, reference, provider_refs, amount, currency, review, details, metadata, registration)
    values (${shard}, ${id}, ${merchantId}, ${on.id}, 'daraja', ${kind}, ${status}, 'callback', ${registered}, 1,
      ${told.length}, ${name}, '{}', ${amount}, 'KES', ${review && json(review)}::text::jsonb, '{}', '{}',
      ${registered ? json({ ...registration, phone: null, expiresAt: null, metadata: {} }) : null}::text::jsonb)`;
  await sql`
    insert into transaction_keys (shard, connection_id, key, transaction_id)
    values (${shard}, ${on.id}, 'checkout_request_id:ws_CO_1', ${id})`;
  for (const { says, finding } of evidence) {
    await sql`
      insert into evidence (shard, transaction_id, id, source, strength, says, callback_id, reading, finding, learnt_at)
      values (${shard}, ${id}, ${newUuid(shard)}, 'callback', 'hint', ${says}, null, 1, ${json(finding)}::text::jsonb, now())`;
  }
  if (status === "pending") {
    await sql`
      insert into poll_queue (shard, transaction_id, connection_id, due_at, ready, urgent, ends_at)
      values (${shard}, ${id}, ${on.id}, now() + interval '1 hour', false, false, now() + interval '2 days')`;
  }
  for (const [at, type] of told.entries()) {
    const [eventId, deliveryId] = [newUuid(shard), newUuid(shard)];
    const body = json({ type, data: { transaction: { version: 1 }, previous_status: null, correction: false } });
    await sql`
      insert into events (shard, id, merchant_id, type, transaction_id, sequence, body)
      values (${shard}, ${eventId}, ${merchantId}, ${type}, ${id}, ${at + 1}, ${body})`;
    await sql`
      insert into deliveries (shard, id, merchant_id, endpoint_id, event_id, state)
      values (${shard}, ${deliveryId}, ${merchantId}, ${endpointId}, ${eventId}, 'pending')`;
    await sql`
      insert into delivery_queue (shard, endpoint_id, order_key, sequence, delivery_id)
      values (${shard}, ${endpointId}, ${id}, ${at + 1}, ${deliveryId})`;
  }
}

test("data of before keeps every status and delivery, and nothing is told twice", async () => {
  const { sql, url } = database;
  await migrate(url, migrationsBefore());
  const owner = await merchant(sql);
  const endpointId = newUuid(owner.shard);
  await sql`
    insert into endpoints (shard, id, merchant_id, url, event_types, headers, header_names)
    values (${owner.shard}, ${endpointId}, ${owner.id}, 'https://merchant.example/hooks', ${["*"]}, '', '{}')`;
  const connections: { on: Connection; name: string; row: Old }[] = [];
  for (const [name, row] of Object.entries(old)) {
    const on = await connection(sql, owner, { environment: name.includes("zero") ? "sandbox" : "production" });
    await insertOld(on, endpointId, name, row);
    connections.push({ on, name, row });
  }

  await migrate(url);

  const { findings } = await checkInvariants(sql, testBox, () => {});
  expect(findings.filter(({ level }) => level === "problem")).toEqual([]);
  const [counts] = await sql`
    select (select count(*)::int from delivery_queue) as queued, (select count(*)::int from events) as events,
      (select environment from endpoints) as environment`;
  const told = Object.values(old).flatMap((row: Old) => row.told ?? []).length;
  expect(counts).toEqual({ queued: told, events: told, environment: "any" });

  for (const { on, row } of connections) {
    const item = evidenceItem(on, callbackSays("processing", { identity: ["checkout_request_id:ws_CO_1"] }));
    await settleBatch(settleDeps(sql), on.shard, [item]);
    const [t] = await transactionsOf(sql, on);
    const before = { status: row.status, review: (row.review as { reason: string } | null | undefined)?.reason };
    expect(t!.environment).toBe(on.environment);
    expect([before.status, "processing"]).toContain(t!.status);
    if (before.status !== "pending") expect(t!.status).toBe(before.status);
    const reason = before.review === "unregistered" ? "needs_proof" : before.review;
    expect(t!.review?.reason).toBe(reason);
    const types = (await eventsOf(sql, t!)).map(({ type }) => type);
    expect(types.filter(type => type !== "payment.processing")).toEqual(row.told ?? []);
  }
  const refunded = (await Promise.all(connections.map(({ on }) => transactionsOf(sql, on)))).flat();
  expect(refunded.find(t => t.status === "refunded")).toMatchObject({ amount: kes(5000), refundedMinor: 5000n });
});
