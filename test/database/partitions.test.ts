import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dropOldKeys } from "../../src/api/idempotency/store.ts";
import { connectDrizzle, connectHot } from "../../src/database/connect.ts";
import { runMaintenance } from "../../src/database/maintenance.ts";
import { dropOldPartitions, ensurePartitions } from "../../src/database/partitions.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { silentLog } from "../support/silent-log.ts";

const dayMs = 86_400_000;
const retentionDays = 90;

let database: TestDatabase;
let today: number;
beforeEach(async () => {
  database = await testDatabase();
  const [row] = await database.sql<{ ms: number }[]>`
    select extract(epoch from date_trunc('day', now() at time zone 'UTC'))::float8 * 1000 as ms`;
  today = row!.ms;
});
afterEach(() => database.drop());

const partitionOf = (ms: number) => `callback_bodies_${new Date(ms).toISOString().slice(0, 10).replaceAll("-", "")}`;

async function partitions(): Promise<string[]> {
  const rows = await database.sql<{ name: string }[]>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'callback_bodies'::regclass order by 1`;
  return rows.map(({ name }) => name);
}

/** The partition of a day, made as it was made on that day. */
async function partitionFor(ms: number): Promise<void> {
  const bound = (at: number) => {
    const hex = at.toString(16).padStart(12, "0");
    return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
  };
  await database.sql.unsafe(
    `create table ${partitionOf(ms)} partition of callback_bodies for values from ('${bound(ms)}') to ('${bound(ms + dayMs)}')`,
  );
}

/** A callback received at a moment, with its body, what was read of it, and the evidence it became. */
async function callbackAt(ms: number): Promise<string> {
  const { sql } = database;
  const id = newUuidAt(ms);
  const other = newUuidAt(ms);
  await sql`
    insert into callbacks (shard, id, merchant_id, connection_id, provider, channel, key, digest, batch_id, received_at, strength)
    values (5, ${id}, ${other}, ${other}, 'daraja', 'stk', ${id}, ${Buffer.alloc(32)}, ${other}, ${new Date(ms)}, 'hint')`;
  await sql`insert into callback_bodies (shard, id, headers, body) values (5, ${id}, '{}', ${Buffer.from("{}")})`;
  await sql`
    insert into callback_readings (shard, callback_id, state, problems, transaction_ids)
    values (5, ${id}, 'processed', '[]', ${[other]}::uuid[])`;
  await sql`
    insert into evidence (shard, transaction_id, id, source, strength, says, reading, finding, learnt_at, callback_id)
    values (5, ${other}, ${id}, 'callback', 'hint', 'completed', 1, '{}', ${new Date(ms)}, ${id})`;
  return id;
}

/** As newUuid, for times in the past too: it never goes back by itself. */
function newUuidAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}${newUuid(5).slice(13)}`;
}

async function whereIs(id: string): Promise<string | null> {
  const [row] = await database.sql<{ name: string }[]>`
    select tableoid::regclass::text as name from callback_bodies where shard = 5 and id = ${id}`;
  return row?.name ?? null;
}

describe("days of bodies", () => {
  it("are made for today and the week to come, once, by however many processes", async () => {
    await Promise.all(Array.from({ length: 4 }, () => ensurePartitions(database.sql)));
    const wanted = Array.from({ length: 8 }, (_, day) => partitionOf(today + day * dayMs));
    expect(await partitions()).toEqual([...wanted, "callback_bodies_default"].sort());
    expect(await whereIs(await callbackAt(today + dayMs / 2))).toBe(wanted[0]);
    expect(await whereIs(await callbackAt(today + dayMs))).toBe(wanted[1]);
  });

  it("without a partition are kept in the default one, and making the day later does no harm", async () => {
    const id = await callbackAt(today + dayMs / 2);
    expect(await whereIs(id)).toBe("callback_bodies_default");
    await ensurePartitions(database.sql);
    expect(await whereIs(id)).toBe("callback_bodies_default");
    expect(await partitions()).toContain(partitionOf(today + dayMs));
  });
});

describe("retention", () => {
  it("drops days that ended so long ago, and no younger one", async () => {
    await ensurePartitions(database.sql);
    const lastKept = today - retentionDays * dayMs;
    for (const day of [lastKept - 40 * dayMs, lastKept - dayMs, lastKept, today - dayMs]) await partitionFor(day);
    const [old, edge, kept] = [
      await callbackAt(lastKept - 40 * dayMs),
      await callbackAt(lastKept - 1),
      await callbackAt(lastKept),
    ];
    expect(await whereIs(edge)).toBe(partitionOf(lastKept - dayMs));
    expect(await dropOldPartitions(database.sql, retentionDays)).toEqual({ dropped: 2, postponed: 0 });
    expect([await whereIs(old), await whereIs(edge)]).toEqual([null, null]);
    expect(await whereIs(kept)).toBe(partitionOf(lastKept));
    expect(await partitions()).toContain(partitionOf(today - dayMs));
    expect(await dropOldPartitions(database.sql, retentionDays)).toEqual({ dropped: 0, postponed: 0 });
  });

  it("takes old rows out of the default partition and leaves younger ones", async () => {
    const old = await callbackAt(today - retentionDays * dayMs - 1);
    const young = await callbackAt(today - retentionDays * dayMs);
    await dropOldPartitions(database.sql, retentionDays);
    expect([await whereIs(old), await whereIs(young)]).toEqual([null, "callback_bodies_default"]);
  });

  it("keeps the dedupe key, what was read and the evidence for good", async () => {
    const lastKept = today - retentionDays * dayMs;
    await partitionFor(lastKept - dayMs);
    const id = await callbackAt(lastKept - dayMs);
    await dropOldPartitions(database.sql, retentionDays);
    const { sql } = database;
    expect(await sql`select key from callbacks where shard = 5 and id = ${id}`).toEqual([{ key: id }]);
    expect(await sql`select state from callback_readings where shard = 5 and callback_id = ${id}`).toHaveLength(1);
    expect(await sql`select says from evidence where shard = 5 and callback_id = ${id}`).toEqual([
      { says: "completed" },
    ]);
  });

  // Without a lock about one round in six failed: "could not find tuple for parent of relation".
  it("regression: several processes at once drop each day once, and none of them fails", async () => {
    const clients = Array.from({ length: 6 }, () =>
      connectHot(database.url, { applicationName: "hakika test", max: 1 }),
    );
    try {
      for (let round = 0; round < 4; round += 1) {
        for (let day = 1; day <= 3; day += 1) await partitionFor(today - (retentionDays + day) * dayMs);
        await Promise.all(clients.map(sql => dropOldPartitions(sql, retentionDays)));
        expect((await partitions()).filter(name => name < partitionOf(today - retentionDays * dayMs))).toEqual([]);
      }
    } finally {
      await Promise.all(clients.map(sql => sql.end({ timeout: 5 })));
    }
  });

  it("waits for readers of the table, and lets no one wait behind it for long", async () => {
    await partitionFor(today - (retentionDays + 5) * dayMs);
    const reader = await database.sql.reserve();
    try {
      await reader`begin`;
      await reader`select count(*) from callback_bodies`;
      const [outcome, id] = await Promise.all([dropOldPartitions(database.sql, retentionDays), callbackAt(today)]);
      expect(outcome).toEqual({ dropped: 0, postponed: 1 });
      expect(await whereIs(id)).not.toBe(null);
      await ensurePartitions(database.sql);
    } finally {
      await reader`rollback`;
      reader.release();
    }
    expect(await dropOldPartitions(database.sql, retentionDays)).toEqual({ dropped: 1, postponed: 0 });
  });

  it("leaves alone what is no day of bodies", async () => {
    await database.sql`create table callback_bodies_20200101 (id int)`;
    await dropOldPartitions(database.sql, retentionDays);
    expect(await database.sql`select count(*)::int as n from callback_bodies_20200101`).toEqual([{ n: 0 }]);
  });
});

describe("housekeeping", () => {
  it("makes days, drops days and forgets idempotent answers that are past their life", async () => {
    const { sql } = database;
    await partitionFor(today - (retentionDays + 5) * dayMs);
    const keep = (key: string, ageH: number) => sql`
      insert into idempotency_keys (shard, scope, key, fingerprint, locked_until, created_at)
      values (5, 'admin', ${key}, ${Buffer.alloc(32)}, now(), now() - make_interval(hours => ${ageH}))`;
    await keep("old", 25);
    await keep("young", 23);
    const db = connectDrizzle<Record<string, never>>(database.url, {});
    try {
      const drops = { dropOldKeys: () => dropOldKeys(db), dropOldPolls: async () => {} };
      await runMaintenance({ sql, ...drops, retentionDays, log: silentLog });
    } finally {
      await db.$client.end({ timeout: 5 });
    }
    expect(await partitions()).toHaveLength(9);
    expect(await sql`select key from idempotency_keys`).toEqual([{ key: "young" }]);
  });
});
