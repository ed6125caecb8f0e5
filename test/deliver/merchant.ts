import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Received = { id: string; path: string; headers: IncomingHttpHeaders; body: string };
export type Reply = (request: Received, response: ServerResponse, raw: IncomingMessage) => void;

export type Merchant = {
  url: string;
  received: Received[];
  /** Answers the next requests. A test may replace it. */
  reply: Reply;
  /** Resolves once `count` requests have come since the start. */
  until(count: number): Promise<Received[]>;
  close(): Promise<void>;
};

export const ok: Reply = (_request, response) => {
  response.end("thanks");
};

export function status(code: number, headers: Record<string, string> = {}): Reply {
  return (_request, response) => {
    response.writeHead(code, headers).end(`answer ${code}`);
  };
}

/** Keeps the request open without an answer. */
export const hang: Reply = () => {};

/** A merchant's server on loopback that stores what it receives. */
export async function startMerchant(reply: Reply = ok): Promise<Merchant> {
  const server = createServer();
  const waiting: { count: number; resolve: (received: Received[]) => void }[] = [];
  server.on("request", (raw: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    raw.on("data", chunk => chunks.push(chunk));
    raw.on("end", () => {
      const { headers, url = "/" } = raw;
      const received = {
        id: String(headers["webhook-id"]),
        path: url,
        headers,
        body: Buffer.concat(chunks).toString(),
      };
      merchant.received.push(received);
      merchant.reply(received, response, raw);
      for (const waiter of waiting.splice(0)) {
        if (merchant.received.length >= waiter.count) waiter.resolve(merchant.received);
        else waiting.push(waiter);
      }
    });
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const merchant: Merchant = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received: [],
    reply,
    until(count) {
      if (merchant.received.length >= count) return Promise.resolve(merchant.received);
      return new Promise(resolve => {
        waiting.push({ count, resolve });
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
  return merchant;
}
