import { setTimeout as pause } from "node:timers/promises";
import { pino } from "pino";
import { connectHot, type Sql } from "../src/database/connect.ts";
import { makeSecretBox } from "../src/database/encryption.ts";
import { migrate } from "../src/database/migrate.ts";
import { type Deliver, startDeliver } from "../src/deliver/deliver.ts";
import { shardOf } from "../src/domain/ids.ts";
import { parseRange } from "../src/egress/address.ts";
import { createEgress } from "../src/egress/client.ts";
import { fanOut } from "../src/outbox/fan-out.ts";
import { createTelemetry } from "../src/telemetry/telemetry.ts";
import { makeEvent, makeMerchants } from "./endpoints.ts";
import { printRatios, type Window } from "./ratios.ts";
import { secretKey } from "./setup.ts";
import { type ShopServer, startShopServer } from "./shop-server.ts";

/**
 * Attempts time out after `attemptMs` and not after 15 s, so that each window has timeouts: fifteen times as many as in
 * production.
 */
const load = { perSecond: 300, everyMs: 10, windowMs: 3000, blocks: 16, attemptMs: 1000 } as const;

/** The neighbour has as many events as the measured endpoint: no endpoint, one that takes them, or one that hangs. */
const neighbours = ["none", "healthy", "hanging"] as const;
type Neighbour = (typeof neighbours)[number];

/**
 * What an endpoint that hangs on every call costs another endpoint. One process, short windows, the three neighbours
 * one after the other in an order that changes from block to block, so that other load on this machine affects all of
 * them alike. The neighbour that takes its events shows what the events themselves cost.
 */
export async function benchHanging(databaseUrl: string): Promise<void> {
  await migrate(databaseUrl);
  const sql = connectHot(databaseUrl, { applicationName: "bench hanging", max: 6, byKey: true });
  const [shop, other] = [await startShopServer(), await startShopServer()];
  const egress = createEgress({ allow: [parseRange("127.0.0.0/8")!], userAgent: "Hakika/bench" });
  const box = makeSecretBox([{ id: "1", key: secretKey }]);
  const log = pino({ level: "silent" });
  const deliver = startDeliver({
    ...{ sql, egress, box, auditKey: Buffer.alloc(32), log, telemetry: createTelemetry(log) },
    ...{ now: () => new Date(), random: Math.random, limits: { attemptMs: load.attemptMs, drainMs: 0 } },
  });
  const [measured] = await makeMerchants(sql, shop.url, 1);
  const setup: Setup = { sql, deliver, shop, other, measured: measured! };
  try {
    const seconds = load.windowMs / 1000;
    console.log(
      `An endpoint's events at ${load.perSecond} a second, ${load.blocks} windows of ${seconds} s beside each neighbour, which has as many`,
    );
    await runWindow(setup, "none");
    const windows: Window<Neighbour>[] = [];
    for (let block = 0; block < load.blocks; block += 1) {
      for (const neighbour of orderOf(block))
        windows.push({ block, of: neighbour, ...(await runWindow(setup, neighbour)) });
    }
    printRatios(windows, neighbours);
  } finally {
    await deliver.drain();
    await egress.close();
    await Promise.all([shop.stop(), other.stop()]);
    await sql.end();
  }
}

type Setup = { sql: Sql; deliver: Deliver; shop: ShopServer; other: ShopServer; measured: string };

/** The order of one block: each of the six orders in turn. */
function orderOf(block: number): Neighbour[] {
  const first = neighbours[block % 3]!;
  const rest = neighbours.filter(n => n !== first);
  return [first, ...(Math.floor(block / 3) % 2 === 0 ? rest : rest.reverse())];
}

/** One window: how long each event of the measured endpoint took from before its commit to its arrival, in ms. */
async function runWindow(setup: Setup, neighbour: Neighbour): Promise<{ latenciesMs: number[]; cpuMs: number }> {
  const { sql, deliver, shop, measured } = setup;
  const second = neighbour === "none" ? null : await neighbourOf(setup, neighbour);
  const rounds = load.windowMs / load.everyMs;
  const each = (load.perSecond * load.everyMs) / 1000;
  const { arrived } = await shop.expect(rounds * each);
  const publish = async (merchantId: string) => {
    const events = Array.from({ length: each }, () => makeEvent(merchantId));
    const endpointIds = await sql.begin(tx => fanOut(tx, shardOf(merchantId), events));
    deliver.wake(shardOf(merchantId), endpointIds as string[]);
  };
  const [since, before] = [performance.now(), process.cpuUsage()];
  for (let round = 1; round <= rounds; round += 1) {
    if (second !== null) await publish(second);
    await publish(measured);
    await pause(Math.max(0, since + round * load.everyMs - performance.now()));
  }
  const latenciesMs = await arrived;
  const { user, system } = process.cpuUsage(before);
  if (second !== null) await removeEndpoint(sql, second);
  await pause(load.attemptMs + 200);
  return { latenciesMs: latenciesMs.sort((a, b) => a - b), cpuMs: (user + system) / 1000 };
}

/** A new endpoint for each window: it is unknown to the sender, and none of its deliveries wait for a retry. */
async function neighbourOf({ sql, other }: Setup, neighbour: "healthy" | "hanging"): Promise<string> {
  const url = neighbour === "healthy" ? other.url : other.url.replace("/hooks", "/hang");
  const [merchantId] = await makeMerchants(sql, url, 1);
  return merchantId!;
}

/** Deletes the endpoint and its queued deliveries, so that they do not affect the next window. */
async function removeEndpoint(sql: Sql, merchantId: string): Promise<void> {
  await sql`update endpoints set deleted_at = now() where shard = ${shardOf(merchantId)} and merchant_id = ${merchantId}`;
  await sql`delete from delivery_queue q using endpoints e
    where e.shard = ${shardOf(merchantId)} and e.merchant_id = ${merchantId} and q.shard = e.shard and q.endpoint_id = e.id`;
}
