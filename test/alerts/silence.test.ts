import { afterAll, beforeAll, expect, test } from "vitest";
import { lookForSilence } from "../../src/alerts/silence/look-for-silence.ts";
import { connectionSilence } from "../../src/alerts/silence/silence.ts";
import { lowestUuid, newUuid } from "../../src/domain/ids.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { connection, merchant, type TestConnection } from "../support/fixtures.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const timeZone = "Africa/Nairobi";
/** Monday at midnight in Nairobi. */
const monday = new Date("2026-06-01T00:00:00+03:00").getTime();

let database: TestDatabase;
let shop: TestConnection;
const deps = () => ({ sql: database.sql, wake: () => {}, timeZone });

beforeAll(async () => {
  database = await testDatabase();
  shop = await connection(database.sql, await merchant(database.sql));
});
afterAll(() => database.drop());

/** How many callbacks a shop has in an hour of the week: busy by day, nearly none in the night to Monday. */
function perHour(at: number): number {
  const hourOfWeek = Math.floor((at - monday) / hour) % 168;
  const hourOfDay = hourOfWeek % 24;
  const isSunday = hourOfWeek >= 144;
  if (hourOfDay < 6 || hourOfDay >= 22) return isSunday ? 0 : 1;
  return isSunday ? 12 : 120;
}

/** Callbacks of a time, evenly within each hour, with the counts of a week scattered by a third. */
async function traffic(from: number, to: number): Promise<void> {
  const times: Date[] = [];
  for (let at = from; at < to; at += hour) {
    const scatter = [1, 0.8, 1.2, 0.67, 1.33][Math.floor((at - monday) / (7 * day)) % 5]!;
    const count = Math.round(perHour(at) * scatter);
    for (let n = 0; n < count; n += 1) times.push(new Date(at + ((n + 0.5) * hour) / count));
  }
  await database.sql`
    insert into callbacks (shard, id, merchant_id, connection_id, provider, channel, key, digest, batch_id, received_at, strength)
    select ${shop.shard}, id, ${shop.merchantId}, ${shop.id}, 'daraja', 'stk', id::text, '', id, at, 'hint'
    from unnest(${times.filter(at => at.getTime() < to).map(at => newUuidAt(at))}::uuid[],
      ${times.filter(at => at.getTime() < to).map(at => at.toISOString())}::timestamptz[]) as c (id, at)`;
}

/** An id of a time, as the receiver makes it. */
function newUuidAt(at: Date): string {
  return lowestUuid(at.getTime()).slice(0, 15) + newUuid(shop.shard).slice(15);
}

const open = async () =>
  await database.sql<{ channel: string; detail: string }[]>`
    select channel, detail from alerts where shard = ${shop.shard} and kind = 'silence' and closed_at is null`;

test("after four weeks of traffic a quiet Sunday night raises no alarm, silence at noon does within minutes, and a callback ends it", async () => {
  const start = monday + 28 * day;
  await traffic(monday, start + 12 * hour);
  // The worker's last look was just before Monday noon; the last callback came 15 s before it.
  const noon = start + 12 * hour;
  await lookForSilence(deps(), new Date(noon));
  expect(await open()).toEqual([]);

  let silentAfterS: number | null = null;
  for (let passed = minute; passed <= 15 * minute && silentAfterS === null; passed += minute) {
    await lookForSilence(deps(), new Date(noon + passed));
    if ((await open()).length > 0) silentAfterS = passed / 1000;
  }
  expect(silentAfterS).toBeGreaterThan(120);
  expect(silentAfterS).toBeLessThanOrEqual(600);
  expect((await open())[0]).toMatchObject({ channel: "stk" });
  const now = new Date(noon + 15 * minute);
  const health = await connectionSilence(database.sql, shop.shard, shop.id, {
    ...{ now, timeZone, heard: new Map() },
  });
  expect(health.isSilent).toBe(true);
  expect(health.usualGapS).toBeGreaterThan(20);
  expect(health.usualGapS).toBeLessThan(45);
  // A callback that the look once a minute has not noted yet ends it.
  const heard = new Map([["stk", now]]);
  expect(await connectionSilence(database.sql, shop.shard, shop.id, { now, timeZone, heard })).toMatchObject({
    isSilent: false,
  });

  await traffic(noon + 15 * minute, noon + 16 * minute);
  await lookForSilence(deps(), new Date(noon + 16 * minute));
  expect(await open()).toEqual([]);

  // Sunday: traffic until 22:00, then none until Monday at 6.
  await traffic(noon + hour, start + 6 * day + 22 * hour);
  const evening = start + 6 * day + 22 * hour;
  // The look after days without one is an outage's: nothing counts as silent for five minutes.
  for (const at of [evening, evening + 2 * minute, evening + 4 * minute, evening + 6 * minute]) {
    await lookForSilence(deps(), new Date(at));
  }
  for (let at = evening + 8 * minute; at <= evening + 7.9 * hour; at += 28 * minute) {
    await database.sql`update silence_cursors set seen_to = ${new Date(at - minute)} where shard = ${shop.shard}`;
    await lookForSilence(deps(), new Date(at));
  }
  expect(await open()).toEqual([]);
});

test("a connection of less than two weeks, a bulk of one week, and a channel that was always rare are never silent", async () => {
  const { sql } = database;
  const fresh = await connection(sql, { shard: shop.shard, id: shop.merchantId });
  const now = new Date(monday + 70 * day);
  const row = (channel: string, weeks: number, counts: number[]) => ({ channel, weeks, counts });
  for (const { channel, weeks, counts } of [
    row("stk", 1, [120]),
    row("result", 8, [5000, 0, 0, 0, 0, 0, 0]),
    row("timeout", 8, [1, 0, 1, 0, 1]),
  ]) {
    await sql`
      insert into channel_activity (shard, connection_id, channel, first_at, last_at)
      values (${fresh.shard}, ${fresh.id}, ${channel}, ${new Date(now.getTime() - weeks * 7 * day)}, ${new Date(now.getTime() - hour)})`;
    for (const [week, count] of counts.entries()) {
      if (count === 0) continue;
      const at = new Date(now.getTime() - (week + 1) * 7 * day - hour);
      await sql`
        insert into callback_hours (shard, connection_id, channel, hour, count)
        values (${fresh.shard}, ${fresh.id}, ${channel}, ${at}, ${count})`;
    }
  }
  const silence = await connectionSilence(sql, fresh.shard, fresh.id, { now, timeZone, heard: new Map() });
  expect(silence.isSilent).toBe(false);
});
