import type { Queryable } from "../../database/connect.ts";
import { type Event, eventBody } from "../../domain/events.ts";
import { newUuid } from "../../domain/ids.ts";
import { type UssdEndedBy, type UssdSession, ussdSessionJson } from "../../domain/ussd-session.ts";
import { type SessionRow, withHops } from "./sessions-store.ts";

/**
 * Ends the sessions of one shard that are still open, and makes the event of each: whoever ends a session tells it, and it ends
 * once. To be fanned out in the same database transaction.
 */
export async function endSessions(
  tx: Queryable,
  shard: number,
  ids: readonly string[],
  endedBy: UssdEndedBy,
): Promise<Event[]> {
  if (ids.length === 0) return [];
  const ended = await tx<SessionRow[]>`
    update ussd_sessions set state = 'ended', ended_by = ${endedBy}, ended_at = now()
    where shard = ${shard} and id = any(${[...ids].sort()}::uuid[]) and state = 'open'
    returning *`;
  return (await withHops(tx, shard, [...ended])).map(sessionEnded);
}

function sessionEnded(session: UssdSession): Event {
  const { shard, merchantId } = session;
  const id = newUuid(shard);
  const type = "ussd.session_ended";
  const body = eventBody(id, type, session.endedAt!, { session: ussdSessionJson(session) });
  return { shard, id, merchantId, type, transactionId: null, sequence: null, body };
}
