import { afterAll, beforeAll, expect, test } from "vitest";
import { addressOfBoth, promote } from "../../chaos/postgres.ts";
import type { Running } from "../../src/app/running.ts";
import { connectHot } from "../../src/database/connect.ts";
import { openShop, type Shop, startTestHakika } from "../support/hakika.ts";
import { type OwnPostgres, ownPostgres, ownReplica } from "../support/own-postgres.ts";
import { expectSettledOnce } from "./expect-settled.ts";
import { startLoad } from "./load.ts";

let primary: OwnPostgres;
let replica: OwnPostgres;
let hakika: Running;
let shop: Shop;

beforeAll(async () => {
  primary = await ownPostgres();
  replica = await ownReplica(primary, true);
  hakika = await startTestHakika(addressOfBoth(primary, replica));
  shop = await openShop(hakika, { settings: { settle_on: "hint" } });
});

afterAll(async () => {
  await hakika.stop();
  await shop.merchant.close();
  await replica.remove();
  await primary.remove();
});

test("after a synchronous replica was promoted under load nothing accepted is lost, and payments are told again soon", async () => {
  const load = startLoad(() => shop.connection.callback_urls.stk!, 4);
  await load.more(100);
  await primary.kill9();
  const endedMs = performance.now();
  // These go to the spool: nothing is there that takes writes.
  await load.more(20);
  await promote(replica);
  const before = load.answered.length;
  await load.more(100);
  const first = load.answered[before]!;
  await shop.merchant.until(events =>
    events.some(event => event.data.transaction.provider_refs.checkout_request_id === first),
  );
  expect(performance.now() - endedMs).toBeLessThan(60_000);
  await load.stop();
  expect(load.refused).toEqual([]);
  const sql = connectHot(replica.url, { applicationName: "hakika test", max: 2 });
  try {
    await expectSettledOnce(sql, shop, load.answered, 60_000);
  } finally {
    await sql.end({ timeout: 5 });
  }
});
