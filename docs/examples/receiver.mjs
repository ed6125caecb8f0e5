import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.WEBHOOK_SECRET);
const environment = "sandbox"; // "production" once money is real
const orders = new Map([["ORDER-1", { amount: "50.00", currency: "KES" }]]);

/** Paid is what was registered, in full, with real money: anybody can type the number of an order and pay KES 1. */
function isPaid(type, data) {
  const { registered, reference, amount, currency } = data.transaction;
  const order = orders.get(reference);
  return (
    type === "payment.completed" &&
    data.environment === environment &&
    registered &&
    order?.amount === amount &&
    order?.currency === currency
  );
}

createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString();
  try {
    const { type, data } = webhook.verify(body, request.headers);
    if (data.transaction) {
      const { reference, amount, currency, provider_refs } = data.transaction;
      const verdict = isPaid(type, data) ? "fulfil" : "do not fulfil";
      console.log(type, reference, amount, currency, provider_refs.receipt, verdict);
    }
    response.writeHead(204).end();
  } catch {
    response.writeHead(400).end();
  }
}).listen(9090, "127.0.0.1");
