import { afterAll, beforeAll } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { type TestDatabase, testDatabase } from "./database.ts";
import { openShop, type Shop, startTestHakika } from "./hakika.ts";

/** A whole program on a database of its own, with a shop, for the tests of a file. Its hooks start and stop them. */
export function shopBundle(): { readonly hakika: Running; readonly shop: Shop; readonly database: TestDatabase } {
  let database: TestDatabase;
  let hakika: Running;
  let shop: Shop;

  beforeAll(async () => {
    database = await testDatabase();
    hakika = await startTestHakika(database.url);
    shop = await openShop(hakika);
  });
  afterAll(async () => {
    await hakika.stop();
    await shop.merchant.close();
    await database.drop();
  });

  return {
    get hakika() {
      return hakika;
    },
    get shop() {
      return shop;
    },
    get database() {
      return database;
    },
  };
}
