import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import postgres from "postgres";
import { createPoster } from "./sign-and-post.ts";
import { eventText, itemOf, makeTables, type StkCallback } from "./tables.ts";

/**
 * The floor: one durable insert, the answer, one durable update, one post. A system that keeps before it answers and
 * settles before it tells cannot do less; what it lacks is everything that makes that true after a crash.
 */
const sql = postgres(process.env.DATABASE_URL!, { max: 20 });
await makeTables(sql);
const post = createPoster(process.env.MERCHANT_URL!);

async function settleAndTell(callback: StkCallback): Promise<void> {
  const { CheckoutRequestID: key } = callback;
  await sql`insert into diy_payments (checkout_request_id, status, amount, receipt)
    values (${key}, 'completed', ${itemOf(callback, "Amount")}, ${itemOf(callback, "MpesaReceiptNumber")})
    on conflict (checkout_request_id) do update set status = excluded.status`;
  const id = randomUUID();
  await post(id, eventText(id, callback));
}

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString());
  const callback = body.Body.stkCallback as StkCallback;
  await sql`insert into diy_callbacks (key, headers, body)
    values (${callback.CheckoutRequestID}, ${sql.json(request.headers as never)}, ${sql.json(body)})
    on conflict (key) do nothing`;
  const answer = JSON.stringify({ ResultCode: 0, ResultDesc: "Accepted" });
  response.writeHead(200, { "content-type": "application/json", "content-length": answer.length }).end(answer);
  void settleAndTell(callback);
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
});
process.on("SIGTERM", () => process.exit(0));
