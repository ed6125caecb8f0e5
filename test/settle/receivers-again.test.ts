import { afterAll, beforeAll, expect, test } from "vitest";
import type { Connection } from "../../src/connections/connection.ts";
import type { Directory } from "../../src/connections/directory.ts";
import { findById } from "../../src/connections/store.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { insertCallbacks } from "../../src/receive/store/callback-store.ts";
import { settleDue } from "../../src/settle/inbox/settle-due.ts";
import type { TelemetryEvents } from "../../src/telemetry/events.ts";
import { record } from "../receive/callback-record.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { connection, merchant, testBox } from "../support/fixtures.ts";
import { settleDeps } from "../support/settling.ts";
import { silentLog } from "../support/silent-log.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

/** A directory that knows a connection as it was, until it is told to forget it. */
function staleDirectory(stale: Connection): Directory & { forgotten: (string | null)[] } {
  const forgotten: (string | null)[] = [];
  return {
    forgotten,
    byToken: () => ({ kind: "unknown" }),
    byId: async (shard, id) => (forgotten.includes(id) ? findById(database.sql, testBox, shard, id) : stale),
    forget: id => void forgotten.push(id),
  };
}

async function setup(changedAt: string) {
  const { sql } = database;
  const owner = await merchant(sql);
  const made = await connection(sql, owner, { credentials: { shortcode: "600100" } });
  const { shard, id: connectionId, merchantId } = made;
  await sql`
    update connections set settings = '{"receivers":["600999"]}', updated_at = ${changedAt}::timestamptz
    where shard = ${shard} and id = ${connectionId}`;
  const text = JSON.stringify({ TransID: "TJ0000000A", TransAmount: "5.00", BusinessShortCode: "600999" });
  const row = record(`wrong-${connectionId}`, text, { shard, id: newUuid(shard), connectionId, merchantId });
  const kept = { ...row, channel: "c2b/confirmation" };
  await insertCallbacks(sql, { batchId: newUuid(shard), rows: [{ record: kept, copies: 1 }] });
  const directory = staleDirectory(made);
  const wrong: TelemetryEvents["callback.wrong_receiver"][] = [];
  const telemetry = {
    publish: (name: string, build: () => unknown) => {
      if (name === "callback.wrong_receiver") wrong.push(build() as TelemetryEvents["callback.wrong_receiver"]);
    },
    subscribe: () => {},
    end: () => {},
  };
  const deps = { ...settleDeps(sql), directory, log: silentLog, onSettled: () => {}, telemetry };
  const state = async () =>
    (
      await sql<{ state: string; wrong_receiver: string | null }[]>`
        select state, wrong_receiver from callback_readings where shard = ${shard} and callback_id = ${kept.id}`
    ).map(each => ({ ...each }));
  return { settle: () => settleDue(deps, shard), state, directory, wrong, connectionId };
}

test("a callback that was read by an earlier state of its connection is read again by the present one", async () => {
  const { settle, state, directory, wrong, connectionId } = await setup(new Date().toISOString());
  await settle();
  expect([directory.forgotten, wrong]).toEqual([[connectionId], []]);
  expect(await state()).toEqual([{ state: "quarantined", wrong_receiver: "600999" }]);
  await settle();
  expect(await state()).toEqual([{ state: "processed", wrong_receiver: null }]);
});

test("a connection that was not changed lately is looked up no second time, and the wrong receiver is published", async () => {
  const { settle, state, directory, wrong, connectionId } = await setup("2025-01-01T00:00:00Z");
  await settle();
  expect(directory.forgotten).toEqual([]);
  expect(wrong).toMatchObject([{ connectionId, receiver: "600999", channel: "c2b/confirmation", provider: "daraja" }]);
  await settle();
  expect(await state()).toEqual([{ state: "quarantined", wrong_receiver: "600999" }]);
});
