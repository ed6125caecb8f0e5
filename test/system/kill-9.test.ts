import { afterEach, beforeEach, expect, test } from "vitest";
import { type ChildProgram, startChild } from "../support/child-program.ts";
import { newDataFolder } from "../support/data-folder.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { openShop, type Shop } from "../support/hakika.ts";
import { ownPostgres } from "../support/own-postgres.ts";
import { expectSettledOnce } from "./expect-settled.ts";
import { startLoad } from "./load.ts";

let database: TestDatabase;
let program: ChildProgram;
let shop: Shop;

beforeEach(async () => {
  database = await testDatabase();
});

afterEach(async () => {
  await program.end("SIGKILL");
  await shop.merchant.close();
  await database.drop();
});

/** The callback URL at the present process, whose port the system chose. */
const stkIn = () => program.url + new URL(shop.connection.callback_urls.stk!).pathname;

test("kill -9 under load loses no answered callback, and sends no event with another body", {
  timeout: 90_000,
}, async () => {
  const env = { HAKIKA_DATA_DIR: newDataFolder() };
  program = await startChild(database.url, env);
  shop = await openShop(program, { settings: { settle_on: "hint" } });
  const load = startLoad(stkIn, 8);
  for (let round = 0; round < 3; round += 1) {
    await load.more(150);
    await program.end("SIGKILL");
    program = await startChild(database.url, env);
  }
  await load.more(50);
  await load.stop();
  // Callbacks that were kept, but not answered before the kill, may have events too.
  const kept = await database.sql<
    { id: string }[]
  >`select distinct substring(key from 'ws_CO_load[0-9]+_[0-9]+') as id from callbacks`;
  const ids = kept.map(row => row.id);
  expect(load.answered.filter(id => !ids.includes(id))).toEqual([]);
  await expectSettledOnce(database.sql, shop, ids, 60_000);
});

test("kill -9 of program and database together loses no answered callback", { timeout: 90_000 }, async () => {
  const postgres = await ownPostgres();
  const env = { HAKIKA_DATA_DIR: newDataFolder() };
  program = await startChild(postgres.url, env);
  shop = await openShop(program, { settings: { settle_on: "hint" } });
  const load = startLoad(stkIn, 8);
  await load.more(150);
  await postgres.kill9();
  // These go to the spool.
  await load.more(100);
  await program.end("SIGKILL");
  await load.stop();
  await postgres.start();
  program = await startChild(postgres.url, env);
  await shop.merchant.until(events => {
    const told = new Set(events.map(event => event.data.transaction.provider_refs.checkout_request_id));
    return load.answered.every(id => told.has(id));
  });
  expect(shop.merchant.wrongs).toEqual([]);
  await program.end("SIGKILL");
  await postgres.remove();
});
