import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

/** An event as the merchant got it, `copies` times under one webhook-id. */
export type HeardEvent = {
  id: string;
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it.
  data: any;
  body: string;
  copies: number;
};

export type EventMerchant = {
  url: string;
  /** What the endpoint's creation showed. Until it is told, requests get 503. */
  secret: string | null;
  /** The body of a response to a request. */
  answer: (body: string) => string;
  /** By webhook-id, in the order of the first arrival. */
  events: Map<string, HeardEvent>;
  /** The names of all headers that came. */
  headers: Set<string>;
  /** What was wrong with a request: a signature that does not hold, another body under a known id. */
  wrongs: string[];
  /** Resolves once what was heard is enough. */
  until(isEnough: (events: HeardEvent[]) => boolean): Promise<HeardEvent[]>;
  close(): Promise<void>;
};

/** A merchant's server: verifies every request with the `standardwebhooks` library and keeps each event. */
export async function eventMerchant(): Promise<EventMerchant> {
  const watchers = new Set<() => void>();
  const merchant: EventMerchant = {
    url: "",
    secret: null,
    answer: () => "",
    events: new Map(),
    headers: new Set(),
    wrongs: [],
    until: isEnough =>
      new Promise(resolve => {
        const look = () => {
          const heard = [...merchant.events.values()];
          if (!isEnough(heard)) return;
          watchers.delete(look);
          resolve(heard);
        };
        watchers.add(look);
        look();
      }),
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };

  function take(body: string, headers: Record<string, string>): number {
    if (merchant.secret === null) return 503;
    try {
      new Webhook(merchant.secret).verify(body, headers);
    } catch (error) {
      merchant.wrongs.push(String(error));
      return 400;
    }
    const id = headers["webhook-id"]!;
    const known = merchant.events.get(id);
    if (known && known.body !== body) merchant.wrongs.push(`another body under ${id}`);
    if (known) known.copies += 1;
    else merchant.events.set(id, { ...JSON.parse(body), id, body, copies: 1 });
    for (const look of [...watchers]) look();
    return 200;
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    for (const name of Object.keys(request.headers)) merchant.headers.add(name);
    const body = Buffer.concat(chunks).toString();
    response.writeHead(take(body, request.headers as Record<string, string>)).end(merchant.answer(body));
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  merchant.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;
  return merchant;
}
