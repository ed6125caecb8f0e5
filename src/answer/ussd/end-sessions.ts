import type { Queryable } from "../../database/connect.ts";
import { type Event, eventBody } from "../../domain/events.ts";
import { newUuid } from "../../domain/ids.ts";
import { type UssdEndedBy, ussdSessionJson } from "../../domain/ussd-session.ts";
import { type EndedSession, endOpenSessions } from "./session-end-store.ts";

/**
 * Ends those of the sessions that are still open, and makes a `ussd.session_ended` event for each: a session ends once,
 * so it has one event. The caller fans the events out in the same database transaction. All of one shard.
 */
export async function endSessions(
  tx: Queryable,
  shard: number,
  ids: readonly string[],
  endedBy: UssdEndedBy,
): Promise<Event[]> {
  if (ids.length === 0) return [];
  return (await endOpenSessions(tx, shard, ids, endedBy)).map(sessionEnded);
}

function sessionEnded({ session, environment }: EndedSession): Event {
  const { shard, merchantId } = session;
  const id = newUuid(shard);
  const type = "ussd.session_ended";
  const body = eventBody(id, type, session.endedAt!, { environment, session: ussdSessionJson(session) });
  return { shard, id, merchantId, type, transactionId: null, sequence: null, environment, body };
}
