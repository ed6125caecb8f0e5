import { randomUUID } from "node:crypto";
import { serve } from "@hono/node-server";
import { Logger, runMigrations, run as runWorker, type Task } from "graphile-worker";
import { Hono } from "hono";
import postgres from "postgres";
import { createPoster } from "./sign-and-post.ts";
import { eventText, itemOf, makeTables, type StkCallback } from "./tables.ts";

/**
 * The pipeline that a careful team writes: the callback and a job in one commit, then the answer; a job that locks and
 * updates the payment and writes the event with the next job; a job that signs and posts. `BATCHED=1` adds what
 * graphile-worker's documentation advises for throughput.
 */
const connectionString = process.env.DATABASE_URL!;
const concurrency = 24;
const batched = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };

const sql = postgres(connectionString, { max: 20 });
await makeTables(sql);
await runMigrations({ connectionString });
const post = createPoster(process.env.MERCHANT_URL!);

const settle: Task = async (payload, { withPgClient }) => {
  const { key } = payload as { key: string };
  await withPgClient(async client => {
    await client.query("begin");
    try {
      const kept = await client.query(
        "select body->'Body'->'stkCallback' as callback from diy_callbacks where key = $1 for update",
        [key],
      );
      const callback = kept.rows[0].callback as StkCallback;
      const status = callback.ResultCode === 0 ? "completed" : "failed";
      const changed = await client.query(
        `insert into diy_payments (checkout_request_id, status, amount, receipt) values ($1, $2, $3, $4)
        on conflict (checkout_request_id) do update set status = excluded.status, version = diy_payments.version + 1,
          updated_at = now() where diy_payments.status <> excluded.status returning version`,
        [key, status, itemOf(callback, "Amount"), itemOf(callback, "MpesaReceiptNumber")],
      );
      if (changed.rowCount === 1) {
        const id = randomUUID();
        await client.query(
          `with event as (insert into diy_events (id, checkout_request_id, body) values ($1, $2, $3))
          select graphile_worker.add_job('post', json_build_object('id', $1::text))`,
          [id, key, eventText(id, callback)],
        );
      }
      await client.query("update diy_callbacks set settled_at = now() where key = $1", [key]);
      await client.query("commit");
    } catch (error) {
      await client.query("rollback");
      throw error;
    }
  });
};

const tell: Task = async (payload, { withPgClient }) => {
  const { id } = payload as { id: string };
  const event = await withPgClient(client => client.query("select body from diy_events where id = $1", [id]));
  await post(id, event.rows[0].body);
  await withPgClient(client => client.query("update diy_events set delivered_at = now() where id = $1", [id]));
};

await runWorker({
  connectionString,
  noHandleSignals: true,
  taskList: { settle, post: tell },
  logger: new Logger(() => () => {}),
  preset: {
    worker: { concurrentJobs: concurrency, maxPoolSize: concurrency, ...(process.env.BATCHED === "1" && batched) },
  },
});

const app = new Hono();
app.post("/in", async c => {
  const body = await c.req.json();
  const key = body.Body?.stkCallback?.CheckoutRequestID;
  if (typeof key !== "string") return c.json({ error: "CheckoutRequestID is missing" }, 400);
  await sql`with kept as (
      insert into diy_callbacks (key, headers, body) values (${key}, ${sql.json(c.req.header())}, ${sql.json(body)})
      on conflict (key) do nothing returning key)
    select graphile_worker.add_job('settle', json_build_object('key', key)) from kept`;
  return c.json({ ResultCode: 0, ResultDesc: "Accepted" });
});
serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, info => console.log(`http://127.0.0.1:${info.port}`));
process.on("SIGTERM", () => process.exit(0));
