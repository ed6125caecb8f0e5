import { endByGateway } from "../../answer/ussd/end-by-gateway.ts";
import type { Tx } from "../../database/connect.ts";
import { type Event, eventBody } from "../../domain/events.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import type { ProviderMessage } from "../../providers/provider.ts";
import type { SettleItem } from "../item.ts";

/** The word of a USSD gateway that a session is over: it ends the session, and the session is told with its hops. */
const sessionEnd = "ussd.session_ended";

/** The events of what settles nothing. */
export async function messageEvents(tx: Tx, shard: number, items: readonly SettleItem[], now: Date): Promise<Event[]> {
  const all = items.flatMap(item => item.messages.map(message => ({ item, message })));
  const ends = all.filter(({ message }) => message.type === sessionEnd);
  const others = all.filter(each => !ends.includes(each));
  const ended = ends.map(({ item, message }) => ({ connection: item.connection, payload: message.payload }));
  return [
    ...others.map(({ item, message }) => eventOf(shard, item, message, now)),
    ...(await endByGateway(tx, shard, ended)),
  ];
}

function eventOf(shard: number, item: SettleItem, message: ProviderMessage, now: Date): Event {
  const id = newUuid(shard);
  const data = {
    connection_id: publicId("connection", item.connection.id),
    provider: item.connection.provider,
    callback_id: item.callback ? publicId("callback", item.callback.id) : null,
    payload: message.payload,
  };
  const body = eventBody(id, message.type, now, data);
  return {
    shard,
    id,
    merchantId: item.connection.merchantId,
    type: message.type,
    transactionId: null,
    sequence: null,
    body,
  };
}
