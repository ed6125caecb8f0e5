// A shop: registers what it expects, verifies what it is told, fulfils by the transaction's id AND the amount.
import { createServer } from "node:http";
import { Hakika, HakikaError } from "@hakika/client";

const {
  HAKIKA_URL,
  HAKIKA_KEY,
  HAKIKA_CONNECTION,
  WEBHOOK_SECRET,
  ENVIRONMENT = "production",
  PORT = "9090",
} = process.env;
const hakika = new Hakika({ baseUrl: HAKIKA_URL, key: HAKIKA_KEY, webhookSecret: WEBHOOK_SECRET });
const orders = new Map(); // by transaction id; a table of your database

/** After the push was sent: its id, and exactly the amount that the order costs. */
async function register(checkoutRequestId) {
  const expected = { amount: "50.00", currency: "KES" };
  const { id } = await hakika.transactions.create(
    {
      connection_id: HAKIKA_CONNECTION,
      kind: "stk_push",
      provider_refs: { checkout_request_id: checkoutRequestId },
      ...expected,
    },
    { idempotencyKey: checkoutRequestId },
  );
  orders.set(id, { ...expected, fulfilled: false });
  return id;
}

/** Who signed is known here; what was paid is compared with what was asked. */
function take({ type, data }) {
  if (type !== "payment.completed" || data.environment !== ENVIRONMENT) return;
  const { id, amount, currency, review } = data.transaction;
  const order = orders.get(id);
  if (order && order.amount === amount && order.currency === currency && review === null) order.fulfilled = true;
}

createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray());
  const url = new URL(request.url, "http://localhost");
  try {
    if (url.pathname === "/orders" && request.method === "POST") {
      response.writeHead(201).end(await register(url.searchParams.get("push")));
    } else if (url.pathname === "/orders") {
      response.end(JSON.stringify(Object.fromEntries(orders)));
    } else {
      take(hakika.webhooks.verify(body, request.headers));
      response.writeHead(204).end();
    }
  } catch (error) {
    response.writeHead(error instanceof HakikaError && error.status < 500 ? 400 : 502).end();
  }
}).listen(Number(PORT), "127.0.0.1");
