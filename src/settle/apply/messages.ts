import { endByGateway } from "../../answer/ussd/end-by-gateway.ts";
import type { Connection } from "../../connections/connection.ts";
import { type Event, eventBody } from "../../domain/events.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import type { ProviderMessage } from "../../providers/provider.ts";
import type { LeasedBatch } from "../inbox/lease-items.ts";

/** A USSD gateway's message that a session is over. It ends the session, and the event is the session's own. */
const sessionEndType = "ussd.session_ended";

/** A message with the connection and the callback it came by. */
type ReceivedMessage = { connection: Connection; callbackId: string | null; message: ProviderMessage };

/** The events of a batch's messages, which settle nothing. */
export async function messageEvents({ tx, shard, settling, now }: LeasedBatch): Promise<Event[]> {
  const messages = settling.flatMap(({ connection, callback, messages }) =>
    messages.map((message): ReceivedMessage => ({ connection, callbackId: callback?.id ?? null, message })),
  );
  const isSessionEnd = ({ message }: ReceivedMessage) => message.type === sessionEndType;
  const ends = messages.filter(isSessionEnd).map(({ connection, message: { payload } }) => ({ connection, payload }));
  return [
    ...messages.filter(received => !isSessionEnd(received)).map(received => eventOf(shard, received, now)),
    ...(await endByGateway(tx, shard, ends)),
  ];
}

function eventOf(shard: number, { connection, callbackId, message }: ReceivedMessage, now: Date): Event {
  const id = newUuid(shard);
  const { type, payload } = message;
  const { environment } = connection;
  const data = {
    environment,
    connection_id: publicId("connection", connection.id),
    provider: connection.provider,
    callback_id: callbackId && publicId("callback", callbackId),
    payload,
  };
  const body = eventBody(id, type, now, data);
  return { shard, id, merchantId: connection.merchantId, type, transactionId: null, sequence: null, environment, body };
}
