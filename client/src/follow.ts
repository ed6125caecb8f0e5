import { type CallOptions, type ClientOptions, send } from "./send.ts";
import type { HakikaEvent } from "./webhooks.ts";

const waitS = 25;

type Page = { data: HakikaEvent[] };

/** Events as they are written: asks for what came after the last one, and waits where nothing did. */
export async function* followEvents(
  client: ClientOptions,
  { after, ...filter }: { after?: string; type?: string; merchant_id?: string } = {},
  options: CallOptions = {},
): AsyncGenerator<HakikaEvent> {
  const call = (query: Record<string, unknown>) =>
    send(client, { method: "GET", path: "/v1/events", query: { ...filter, ...query } }, options).then(
      response => response.json() as Promise<Page>,
    );
  let last = after ?? (await call({ limit: 1 })).data[0]?.id;
  while (!options.signal?.aborted) {
    const { data } = await call({ order: "asc", wait_s: waitS, after: last });
    for (const event of data) {
      yield event;
      last = event.id;
    }
  }
}
