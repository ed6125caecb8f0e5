import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newUuid } from "../../src/domain/ids.ts";
import { backlogMetrics, createBacklog } from "../../src/metrics/backlog.ts";
import { type Backlog, countedMax, readBacklog } from "../../src/metrics/backlog-store.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

const nothing: Backlog = {
  endpointsFailing: 0,
  queues: {
    inbox: { depth: 0, oldestS: 0 },
    delivery: { depth: 0, oldestS: 0 },
    poll: { depth: 0, oldestS: 0 },
  },
  quarantined: 0,
  breakersOpen: 0,
  paused: 0,
  workers: 0,
};

describe("the backlog", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());

  it("is empty in an empty installation", async () => {
    expect(await readBacklog(database.sql)).toEqual(nothing);
  });

  it("counts the rows of all shards, and how long the oldest has been due", async () => {
    const { sql } = database;
    for (const [shard, ageS] of [
      [1, 90],
      [2, 30],
      [3, -600],
    ] as const) {
      await sql`
        insert into inbox_queue (shard, callback_id, due_at)
        values (${shard}, ${newUuid(shard)}, now() - make_interval(secs => ${ageS}))`;
    }
    const endpoint = newUuid(1);
    await sql`
      insert into delivery_queue (shard, endpoint_id, order_key, sequence, delivery_id, due_at)
      values (1, ${endpoint}, ${newUuid(1)}, 1, ${newUuid(1)}, 'infinity')`;
    await sql`
      insert into callback_readings (shard, callback_id, state, problems, transaction_ids)
      values (1, ${newUuid(1)}, 'quarantined', '[]', '{}'), (1, ${newUuid(1)}, 'processed', '[]', '{}')`;
    await sql`
      insert into connection_pace (shard, connection_id, errors, paused_until)
      values (1, ${newUuid(1)}, 5, now() + interval '1 minute'), (1, ${newUuid(1)}, 4, now() - interval '1 minute')`;
    await sql`
      insert into heartbeats (role, process_id, beat_at)
      values ('worker', ${newUuid(1)}, now()), ('worker', ${newUuid(1)}, now() - interval '31 seconds')`;
    const seen = await readBacklog(sql);
    expect(seen).toMatchObject({ quarantined: 1, breakersOpen: 1, paused: 1, workers: 1 });
    expect(seen.queues.inbox.depth).toBe(3);
    expect(seen.queues.inbox.oldestS).toBeGreaterThanOrEqual(90);
    expect(seen.queues.inbox.oldestS).toBeLessThan(590);
    // A delivery of a disabled endpoint is never due.
    expect(seen.queues.delivery).toEqual({ depth: 1, oldestS: 0 });
  });

  it("counts rows up to a limit, so that a scrape costs the same however much waits", async () => {
    const { sql } = database;
    await sql`
      insert into poll_queue (shard, transaction_id, connection_id, due_at, ready, urgent, ends_at)
      select 1, gen_random_uuid(), gen_random_uuid(), now(), false, false, now()
      from generate_series(1, ${countedMax + 5000})`;
    expect((await readBacklog(sql)).queues.poll.depth).toBe(countedMax);
  });
});

describe("a look at the backlog", () => {
  it("is shared by all who ask at once, and repeated after five seconds", async () => {
    let looks = 0;
    let nowMs = 0;
    const view = createBacklog(
      async () => {
        looks += 1;
        return nothing;
      },
      () => nowMs,
    );
    expect(await Promise.all([view(), view(), view()])).toEqual([nothing, nothing, nothing]);
    nowMs = 4_999;
    await view();
    expect(looks).toBe(1);
    nowMs = 5_000;
    await view();
    expect(looks).toBe(2);
  });

  it("shows nothing where it fails, and the next one may succeed", async () => {
    const outcomes = [() => Promise.reject(new Error("away")), async () => nothing];
    const view = createBacklog(
      () => outcomes.shift()!(),
      () => 0,
    );
    expect([await view(), await view()]).toEqual([null, nothing]);
  });
});

describe("a scrape", () => {
  it("shows the backlog, and leaves it out while the database is unavailable", async () => {
    const registry = new Registry();
    let backlog: Backlog | null = { ...nothing, quarantined: 7, workers: 2 };
    backlogMetrics(registry, async () => backlog);
    const shown = await registry.metrics();
    expect(shown).toContain("hakika_callbacks_quarantined 7\n");
    expect(shown).toContain('hakika_queue_depth{queue="inbox"} 0\n');
    backlog = null;
    const unknown = await registry.metrics();
    expect(unknown).not.toMatch(/^hakika/m);
    backlog = { ...nothing, workers: 1 };
    expect(await registry.metrics()).toContain("hakika_workers_alive 1\n");
  });
});
