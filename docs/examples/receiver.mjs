import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.WEBHOOK_SECRET);
createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString();
  try {
    const { type, data } = webhook.verify(body, request.headers);
    console.log(type, data.transaction?.reference, data.transaction?.provider_refs.receipt);
    response.writeHead(204).end();
  } catch {
    response.writeHead(400).end();
  }
}).listen(9090, "127.0.0.1");
