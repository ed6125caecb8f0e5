import { Logger, runMigrations, run as runWorker } from "graphile-worker";
import { pino } from "pino";
import { connectHot, type Sql } from "../src/database/connect.ts";
import { makeSecretBox } from "../src/database/encryption.ts";
import { migrate } from "../src/database/migrate.ts";
import { startDeliver } from "../src/deliver/deliver.ts";
import { newUuid, publicId, shardCount } from "../src/domain/ids.ts";
import { parseRange } from "../src/egress/address.ts";
import { createEgress, type Egress } from "../src/egress/client.ts";
import { newWebhookSecret, signWebhook } from "../src/egress/webhook.ts";
import { fanOut } from "../src/outbox/fan-out.ts";
import { createTelemetry } from "../src/telemetry/telemetry.ts";
import { makeEvent, makeMerchants } from "./endpoints.ts";
import { secretKey } from "./setup.ts";
import { type ShopServer, startShopServer } from "./shop-server.ts";

const deliveriesPerRun = 20_000;
const concurrency = 64;
const log = pino({ level: "error" });

/**
 * Deliveries a second to one endpoint and to 1,000, from a queue that is filled before until the merchant's server has
 * received all of them. Beside it a graphile-worker pipeline makes the same signed posts with the same HTTP client on
 * the same database; it records neither attempts nor states of deliveries. The merchant's server is a process of its
 * own on this machine.
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
  } finally {
    await egress.close();
    await shop.stop();
    await sql.end();
  }
}

/** What graphile-worker's documentation advises for throughput: jobs are fetched and completed in batches. */
const batchedPreset = { localQueue: { size: 512 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };

type Run = { perSecond: number; cpuS: number };

function print(name: string, { perSecond, cpuS }: Run): void {
  const per1000 = (cpuS / deliveriesPerRun) * 1000;
  console.log(
    `${name.padEnd(36)} ${perSecond.toFixed(0).padStart(6)}/s  CPU of the sender ${per1000.toFixed(3)} s per 1,000`,
  );
}

/** The time from `start` until the merchant's server has received everything. */
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
  const box = makeSecretBox([{ id: "1", key: secretKey }]);
  const deps = { sql, egress, box, auditKey: Buffer.alloc(32), log, telemetry: createTelemetry(log) };
  const deliver = startDeliver({ ...deps, now: () => new Date(), random: Math.random, limits: {} });
  const result = await timed(shop, () => deliver.scan());
  await deliver.drain();
  return result;
}

async function queueEvents(sql: Sql, merchants: string[]): Promise<void> {
  const events = Array.from({ length: deliveriesPerRun }, (_, at) => makeEvent(merchants[at % merchants.length]!));
  for (let shard = 0; shard < shardCount; shard += 1) {
    const own = events.filter(event => event.shard === shard);
    for (let at = 0; at < own.length; at += 500) await fanOut(sql, shard, own.slice(at, at + 500));
  }
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
