import { serve } from "@hono/node-server";
import { Hono } from "hono";
import postgres from "postgres";

/**
 * The baseline, the handler that most teams write: one INSERT per request, idempotent by key, answered after the
 * commit. With prepared statements and a pool of twenty connections, so that it is as fast as such a handler can be.
 */
const sql = postgres(process.env.DATABASE_URL!, { max: 20 });
await sql`create table if not exists plain_callbacks (
  id bigint generated always as identity primary key, key text not null unique, headers jsonb not null, body jsonb not null,
  received_at timestamptz not null default now())`;
const app = new Hono();
app.post("/in", async c => {
  const body = await c.req.json();
  const key = body.Body?.stkCallback?.CheckoutRequestID;
  if (typeof key !== "string") return c.json({ error: "CheckoutRequestID is missing" }, 400);
  await sql`insert into plain_callbacks (key, headers, body) values (${key}, ${sql.json(c.req.header())}, ${sql.json(body)})
    on conflict (key) do nothing`;
  return c.json({ ResultCode: 0, ResultDesc: "Accepted" });
});
serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, info => console.log(`http://127.0.0.1:${info.port}`));
process.on("SIGTERM", () => process.exit(0));
