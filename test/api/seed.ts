import { createHash } from "node:crypto";
import type { Sql } from "../../src/database/connect.ts";
import { eventBody } from "../../src/domain/events.ts";
import { newUuid, parseId, publicId, shardOf } from "../../src/domain/ids.ts";

/** Rows that other rooms write, put there directly. Ids in and out are public ones. */
export function seeder(sql: Sql) {
  const uuid = (kind: Parameters<typeof parseId>[0], id: string) => parseId(kind, id)!;

  return {
    async transaction(owner: { merchantId: string; connectionId: string }, given: Record<string, unknown> = {}) {
      const merchant = uuid("merchant", owner.merchantId);
      const shard = shardOf(merchant);
      const row = {
        shard,
        id: newUuid(shard),
        merchant_id: merchant,
        connection_id: uuid("connection", owner.connectionId),
        provider: "daraja",
        environment: "sandbox",
        kind: "stk_push",
        status: "pending",
        status_source: "registration",
        registered: true,
        version: 1,
        sequence: 0,
        reference: null as string | null,
        provider_refs: {},
        amount: 5000n as bigint | null,
        currency: "KES" as string | null,
        phone: "+254700000001",
        result: null,
        review: null,
        details: {},
        metadata: {},
        registration: null,
        merged_into: null as string | null,
        created_at: new Date(),
        ...given,
      };
      const json = (value: unknown) => (value === null ? null : sql.json(value as never));
      await sql`
        insert into transactions ${sql({
          ...row,
          provider_refs: json(row.provider_refs),
          result: json(row.result),
          review: json(row.review),
          details: json(row.details),
          metadata: json(row.metadata),
          registration: json(row.registration),
        } as never)}`;
      for (const value of Object.values(row.provider_refs as Record<string, string>)) {
        await sql`insert into transaction_refs (shard, value, transaction_id) values (${shard}, lower(${value}), ${row.id})`;
      }
      return publicId("transaction", row.id);
    },

    /** An imported statement with one line. */
    async statement(
      owner: { merchantId: string; connectionId: string },
      given: { problems?: string[]; line?: { receipt: string; problem: string } } = {},
    ) {
      const merchant = uuid("merchant", owner.merchantId);
      const shard = shardOf(merchant);
      const id = newUuid(shard);
      const { problems = [], line = { receipt: "TJIKQ7V33N", problem: "here 50.00" } } = given;
      await sql`
        insert into statements (shard, id, merchant_id, connection_id, digest, bytes, state, problems, currency, paid_in,
          counts, due_at, finished_at)
        values (${shard}, ${id}, ${merchant}, ${uuid("connection", owner.connectionId)}, ${Buffer.from(id)}, 100,
          'imported', ${sql.json(problems)}, 'KES', 5000, ${sql.json({ differs: 1 })}, now(), now())`;
      await sql`
        insert into statement_lines (shard, statement_id, seq, line, verdict, receipt, amount, currency, problem)
        values (${shard}, ${id}, 1, 8, 'differs', ${line.receipt}, 5000, 'KES', ${line.problem})`;
      return publicId("statement", id);
    },

    /** A question about a receipt that was not found. */
    async lookup(owner: { merchantId: string; connectionId: string }) {
      const merchant = uuid("merchant", owner.merchantId);
      const shard = shardOf(merchant);
      const id = newUuid(shard);
      await sql`
        insert into lookups (shard, id, merchant_id, connection_id, receipt, state)
        values (${shard}, ${id}, ${merchant}, ${uuid("connection", owner.connectionId)}, 'TJIKQ7V33N', 'not_found')`;
      return publicId("lookup", id);
    },

    /** An open alert of a connection. */
    async alert({ merchantId, connectionId }: { merchantId: string; connectionId: string }, detail = "It is silent.") {
      const id = newUuid(shardOf(parseId("merchant", merchantId)!));
      await sql`
        insert into alerts (shard, id, merchant_id, kind, subject, connection_id, channel, detail, opened_event,
          closed_event, opened_at)
        values (${shardOf(id)}, ${id}, ${parseId("merchant", merchantId)}, 'silence', 'a subject',
          ${parseId("connection", connectionId)}, ${detail}, ${detail}, ${newUuid(1)}, ${newUuid(1)}, now())`;
      return publicId("alert", id);
    },

    async evidence(
      transactionId: string,
      given: { source: string; strength: string; says: string; finding: object; at?: Date },
    ) {
      const id = uuid("transaction", transactionId);
      const shard = shardOf(id);
      await sql`
        insert into evidence (shard, transaction_id, id, source, strength, says, reading, finding, learnt_at)
        values (${shard}, ${id}, ${newUuid(shard)}, ${given.source}, ${given.strength}, ${given.says}, 1,
          ${sql.json({ says: given.says, ...given.finding } as never)}, ${given.at ?? new Date()})`;
    },

    async event(
      merchantId: string,
      given: { type?: string; transactionId?: string; sequence?: number; data?: unknown } = {},
    ) {
      const merchant = uuid("merchant", merchantId);
      const shard = shardOf(merchant);
      const id = newUuid(shard);
      const type = given.type ?? "endpoint.test";
      const transaction = given.transactionId ? uuid("transaction", given.transactionId) : null;
      await sql`
        insert into events (shard, id, merchant_id, type, transaction_id, sequence, body)
        values (${shard}, ${id}, ${merchant}, ${type}, ${transaction}, ${given.sequence ?? null},
          ${eventBody(id, type, new Date(), given.data ?? {})})`;
      return publicId("event", id);
    },

    async delivery(
      owner: { merchantId: string; endpointId: string; eventId: string },
      given: { state?: string; attempts?: number; dueAt?: Date; orderKey?: string } = {},
    ) {
      const merchant = uuid("merchant", owner.merchantId);
      const shard = shardOf(merchant);
      const id = newUuid(shard);
      const endpoint = uuid("endpoint", owner.endpointId);
      const event = uuid("event", owner.eventId);
      const { state = "pending", attempts = 0 } = given;
      await sql`
        insert into deliveries (shard, id, merchant_id, endpoint_id, event_id, state, attempts)
        values (${shard}, ${id}, ${merchant}, ${endpoint}, ${event}, ${state}, ${attempts})`;
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        await sql`
          insert into delivery_attempts (shard, delivery_id, attempt, started_at, latency_ms, status, error, answer)
          values (${shard}, ${id}, ${attempt}, now(), 12, 500, 'answered 500', 'oops')`;
      }
      if (given.dueAt !== undefined) {
        const orderKey = given.orderKey ? uuid("transaction", given.orderKey) : event;
        await sql`
          insert into delivery_queue (shard, endpoint_id, order_key, sequence, delivery_id, due_at)
          values (${shard}, ${endpoint}, ${orderKey}, 1, ${id}, ${given.dueAt})`;
      }
      return publicId("delivery", id);
    },

    async callback(
      owner: { merchantId: string; connectionId: string },
      given: {
        channel?: string;
        key?: string;
        body?: string | Buffer | null;
        contentType?: string;
        state?: "processed" | "quarantined";
        queued?: boolean;
        transactionIds?: string[];
        problems?: object[];
        answer?: object;
        copies?: number;
        provider?: string;
      } = {},
    ) {
      const merchant = uuid("merchant", owner.merchantId);
      const shard = shardOf(merchant);
      const id = newUuid(shard);
      const body = given.body === null ? null : Buffer.from(given.body ?? `{"n":"${id}"}`);
      const digest = createHash("sha256")
        .update(body ?? id)
        .digest();
      await sql`
        insert into callbacks (shard, id, merchant_id, connection_id, provider, channel, key, digest, copies, batch_id,
          received_at, strength, answer)
        values (${shard}, ${id}, ${merchant}, ${uuid("connection", owner.connectionId)}, ${given.provider ?? "daraja"},
          ${given.channel ?? "stk"}, ${given.key ?? id}, ${digest}, ${given.copies ?? 1}, ${newUuid(shard)}, now(), 'hint',
          ${given.answer ? sql.json(given.answer as never) : null})`;
      if (body !== null) {
        await sql`
          insert into callback_bodies (shard, id, headers, body)
          values (${shard}, ${id}, ${sql.json({ "content-type": given.contentType ?? "application/json" })}, ${body})`;
      }
      if (given.state) {
        const ids = (given.transactionIds ?? []).map(each => uuid("transaction", each));
        await sql`
          insert into callback_readings (shard, callback_id, state, problems, transaction_ids)
          values (${shard}, ${id}, ${given.state}, ${sql.json((given.problems ?? []) as never)}, ${ids}::uuid[])`;
      }
      if (given.queued ?? !given.state) {
        await sql`insert into inbox_queue (shard, callback_id) values (${shard}, ${id})`;
      }
      return publicId("callback", id);
    },

    async session(
      owner: { merchantId: string; connectionId: string },
      { sessionId = "S1", answers = ["CON Welcome"] } = {},
    ) {
      const merchant = uuid("merchant", owner.merchantId);
      const shard = shardOf(merchant);
      const id = newUuid(shard);
      await sql`
        insert into ussd_sessions (shard, id, merchant_id, connection_id, provider, session_id, phone, service_code, state,
          started_at, last_hop_at)
        values (${shard}, ${id}, ${merchant}, ${uuid("connection", owner.connectionId)}, 'kyanda', ${sessionId},
          '+254700000001', '*860*30#', 'open', ${new Date(0)}, now())`;
      for (const [at, answer] of answers.entries()) {
        await sql`
          insert into ussd_hops (shard, session, typed, hop, input, claimed_at, answer, answered_by, latency_ms)
          values (${shard}, ${id}, ${newUuid(shard)}, ${at + 1}, '', ${new Date(0)}, ${answer}, 'menu', 3)`;
      }
      return publicId("session", id);
    },
  };
}
