import { setTimeout as pause } from "node:timers/promises";
import { Logger, runMigrations, run as runWorker } from "graphile-worker";
import { pino } from "pino";
import { connectHot, type Sql } from "../src/database/connect.ts";
import { makeSecretBox } from "../src/database/encryption.ts";
import { migrate } from "../src/database/migrate.ts";
import { sealContext } from "../src/database/seal-contexts.ts";
import { startDeliver } from "../src/deliver/deliver.ts";
import { fanOut } from "../src/deliver/fan-out.ts";
import { type Event, eventBody } from "../src/domain/events.ts";
import { newUuid, publicId, shardCount, shardOf } from "../src/domain/ids.ts";
import { parseRange } from "../src/egress/address.ts";
import { createEgress, type Egress } from "../src/egress/client.ts";
import { newWebhookSecret, signWebhook } from "../src/egress/webhook.ts";
import { percentile } from "./load.ts";
import { secretKey } from "./setup.ts";
import { type ShopServer, startShopServer } from "./shop-server.ts";

const deliveriesPerRun = 20_000;
const concurrency = 64;
const log = pino({ level: "error" });

/**
 * Deliveries a second, one endpoint and 1,000 endpoints, from a queue that is filled already until the merchant's server has them
 * all; beside a graphile-worker pipeline that makes the same posts, signed, over the same HTTP client, on the same database. The
 * peer keeps no attempts and no state of deliveries. The merchant's server is a process of its own on this machine.
 */
export async function benchDeliver(databaseUrl: string): Promise<void> {
  await migrate(databaseUrl);
  const sql = connectHot(databaseUrl, { applicationName: "bench deliver", max: 6, byKey: true });
  const shop = await startShopServer();
  const egress = createEgress({
    allow: [parseRange("127.0.0.0/8")!],
    userAgent: "Hakika/bench",
    limits: { connectionsPerOriginMax: concurrency },
  });
  try {
    await runMigrations({ connectionString: databaseUrl });
    console.log(`Deliver, ${deliveriesPerRun} events a run, ${concurrency} connections to the merchant's server`);
    for (const endpoints of [1, 1000]) {
      for (let round = 1; round <= 2; round += 1) {
        const plain = await peerRun(databaseUrl, egress, shop, endpoints, {});
        const batched = await peerRun(databaseUrl, egress, shop, endpoints, batchedPreset);
        const own = await ownRun(sql, egress, shop, endpoints);
        const to = `${endpoints} endpoint${endpoints > 1 ? "s" : ""}`;
        print(`graphile-worker, ${to}`, plain);
        print(`graphile-worker batched, ${to}`, batched);
        print(`hakika, ${to}`, own);
        const ratios = [plain, batched].map(peer => (own.perSecond / peer.perSecond).toFixed(2));
        console.log(`ratio to graphile-worker ${ratios[0]}, batched ${ratios[1]}`);
      }
    }
    console.log(
      `One endpoint's events at ${steady.perSecond} a second for ${steady.seconds} s, alone and beside one that hangs`,
    );
    for (let round = 1; round <= 2; round += 1) {
      for (const hanging of [false, true]) {
        const latenciesMs = await steadyRun(sql, egress, shop, hanging);
        const [p50, p99] = [percentile(latenciesMs, 0.5), percentile(latenciesMs, 0.99)];
        console.log(
          `${(hanging ? "beside one that hangs" : "alone").padEnd(24)} p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms`,
        );
      }
    }
  } finally {
    await egress.close();
    await shop.stop();
    await sql.end();
  }
}

const steady = { perSecond: 500, seconds: 8, everyMs: 10 };

/** From the commit of an event to its arrival, in ms, for each. The one that hangs gets as many events as the other. */
async function steadyRun(sql: Sql, egress: Egress, shop: ShopServer, hanging: boolean): Promise<Float64Array> {
  const [well] = await makeMerchants(sql, shop.url, 1);
  const [dead] = await makeMerchants(sql, shop.url.replace("/hooks", "/hang"), 1);
  const deps = { sql, egress, box: makeSecretBox([{ id: "1", key: secretKey }]), log, metrics: null };
  const deliver = startDeliver({ ...deps, now: () => new Date(), random: Math.random, limits: { drainMs: 0 } });
  const rounds = (steady.seconds * 1000) / steady.everyMs;
  const each = (steady.perSecond * steady.everyMs) / 1000;
  const { arrived } = await shop.expect(rounds * each);
  const since = performance.now();
  const merchants = hanging ? [dead!, well!] : [well!];
  for (let round = 1; round <= rounds; round += 1) {
    for (const merchantId of merchants) {
      const events = Array.from({ length: each }, () => makeEvent(merchantId));
      deliver.wake(shardOf(merchantId), (await sql.begin(tx => fanOut(tx, shardOf(merchantId), events))) as string[]);
    }
    await pause(Math.max(0, since + round * steady.everyMs - performance.now()));
  }
  const latenciesMs = Float64Array.from(await arrived).sort();
  await deliver.drain();
  return latenciesMs;
}

/** Its documentation's advice for throughput: jobs fetched and completed by the batch. */
const batchedPreset = { localQueue: { size: 512 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };

type Run = { perSecond: number; cpuS: number };

function print(name: string, { perSecond, cpuS }: Run): void {
  const per1000 = (cpuS / deliveriesPerRun) * 1000;
  console.log(
    `${name.padEnd(36)} ${perSecond.toFixed(0).padStart(6)}/s  CPU of the sender ${per1000.toFixed(3)} s per 1,000`,
  );
}

/** Times `start` until the merchant's server has got everything. */
async function timed(shop: ShopServer, start: () => Promise<unknown> | unknown): Promise<Run> {
  const { arrived } = await shop.expect(deliveriesPerRun);
  const before = process.cpuUsage();
  const since = performance.now();
  await start();
  await arrived;
  const seconds = (performance.now() - since) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { perSecond: deliveriesPerRun / seconds, cpuS: (user + system) / 1e6 };
}

async function ownRun(sql: Sql, egress: Egress, shop: ShopServer, endpoints: number): Promise<Run> {
  const merchants = await makeMerchants(sql, shop.url, endpoints);
  await queueEvents(sql, merchants);
  await sql`analyze delivery_queue, deliveries, events`;
  const deps = { sql, egress, box: makeSecretBox([{ id: "1", key: secretKey }]), log, metrics: null };
  const deliver = startDeliver({ ...deps, now: () => new Date(), random: Math.random, limits: {} });
  const result = await timed(shop, () => deliver.poll());
  await deliver.drain();
  return result;
}

/** As many merchants as endpoints, over all shards. */
async function makeMerchants(sql: Sql, url: string, count: number): Promise<string[]> {
  const box = makeSecretBox([{ id: "1", key: secretKey }]);
  const ids = Array.from({ length: count }, (_, at) => newUuid(at % shardCount));
  const endpointIds = ids.map(id => newUuid(shardOf(id)));
  const secretIds = ids.map(id => newUuid(shardOf(id)));
  const shards = ids.map(shardOf);
  const headers = endpointIds.map(id => box.seal("{}", sealContext.endpointHeaders(id)));
  const secrets = secretIds.map(id => box.seal(newWebhookSecret(), sealContext.endpointSecret(id)));
  await sql`insert into merchants (shard, id, name)
    select shard, id, 'Bench' from unnest(${shards}::int2[], ${ids}::uuid[]) as m (shard, id)`;
  await sql`insert into endpoints (shard, id, merchant_id, url, event_types, headers, header_names)
    select shard, id, merchant_id, ${url}, array['*'], headers, '{}'
    from unnest(${shards}::int2[], ${endpointIds}::uuid[], ${ids}::uuid[], ${headers}::text[]) as e (shard, id, merchant_id, headers)`;
  await sql`insert into endpoint_secrets (shard, id, endpoint_id, secret)
    select * from unnest(${shards}::int2[], ${secretIds}::uuid[], ${endpointIds}::uuid[], ${secrets}::text[])`;
  return ids;
}

async function queueEvents(sql: Sql, merchants: string[]): Promise<void> {
  const events = Array.from({ length: deliveriesPerRun }, (_, at) => makeEvent(merchants[at % merchants.length]!));
  for (let shard = 0; shard < shardCount; shard += 1) {
    const own = events.filter(event => event.shard === shard);
    for (let at = 0; at < own.length; at += 500) await fanOut(sql, shard, own.slice(at, at + 500));
  }
}

/** An event of realistic size. */
function makeEvent(merchantId: string): Event {
  const shard = shardOf(merchantId);
  const id = newUuid(shard);
  const type = "payment.completed";
  const at = performance.timeOrigin + performance.now();
  const transaction = {
    id: publicId("transaction", newUuid(shard)),
    status: "completed",
    at,
    details: "x".repeat(600),
  };
  const body = eventBody(id, type, new Date(), {
    transaction,
    previous_status: "pending",
    sequence: 1,
    correction: false,
  });
  return { shard, id, merchantId, type, transactionId: null, sequence: null, body };
}

async function peerRun(
  databaseUrl: string,
  egress: Egress,
  shop: ShopServer,
  endpoints: number,
  worker: GraphileConfig.WorkerOptions,
): Promise<Run> {
  const secrets = Array.from({ length: endpoints }, newWebhookSecret);
  const sql = connectHot(databaseUrl, { applicationName: "bench jobs", max: 1 });
  for (let at = 0; at < deliveriesPerRun; at += 1000) {
    const jobs = Array.from({ length: 1000 }, (_, n) => {
      const { id, body } = makeEvent(newUuid(0));
      return { identifier: "post", payload: { id, body, secret: secrets[(at + n) % endpoints], url: shop.url } };
    });
    await sql`select graphile_worker.add_jobs(array(
      select json_populate_record(null::graphile_worker.job_spec, spec) from json_array_elements(${JSON.stringify(jobs)}::text::json) spec))`;
  }
  await sql.end();
  type Post = { id: string; body: string; secret: string; url: string };
  const post = async (payload: unknown) => {
    const { id, body, secret, url } = payload as Post;
    const signed = signWebhook({
      id: publicId("event", id),
      timestampS: Math.floor(Date.now() / 1000),
      body,
      secrets: [secret],
    });
    const headers = { "content-type": "application/json", ...signed };
    const result = await egress.send({ method: "POST", url, headers, body, timeoutMs: 15_000 });
    if (result.kind !== "answer" || result.status >= 300) throw new Error("not delivered");
  };
  let stop = async () => {};
  const result = await timed(shop, async () => {
    const runner = await runWorker({
      connectionString: databaseUrl,
      noHandleSignals: true,
      taskList: { post },
      logger: new Logger(() => () => {}),
      preset: { worker: { concurrentJobs: concurrency, maxPoolSize: 6, ...worker } },
    });
    stop = () => runner.stop();
  });
  await stop();
  return result;
}
