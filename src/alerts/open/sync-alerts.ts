import type { Queryable } from "../../database/connect.ts";
import { type AlertCause, type AlertChange, type AlertKind, alertEventBody } from "../../domain/alerts.ts";
import type { Event } from "../../domain/events.ts";
import { newUuid } from "../../domain/ids.ts";
import { fanOut } from "../../outbox/fan-out.ts";
import { causesOf, type SourcedKind } from "../sources/sources.ts";
import { closeAlerts, insertAlerts, lockOpenAlerts, type StoredAlert } from "./alert-store.ts";

/**
 * Opens and closes the alerts of some subjects by what is so now, in the caller's database transaction: they commit
 * with their cause. Returns the endpoints to wake after the commit. Call it after the statements that change the cause.
 */
export async function syncAlerts(
  tx: Queryable,
  shard: number,
  kind: SourcedKind,
  subjects: Iterable<string>,
  now: Date,
): Promise<string[]> {
  const named = [...new Set(subjects)].sort();
  if (named.length === 0) return [];
  const open = await lockOpenAlerts(tx, shard, kind, named);
  const causes = await causesOf(tx, kind, { shard, subjects: named }, now);
  return applyCauses(tx, shard, kind, open, causes, now);
}

/** The same for causes that are known to the caller. `open` are the locked alerts of the subjects concerned. */
export async function applyCauses(
  tx: Queryable,
  shard: number,
  kind: AlertKind,
  open: readonly StoredAlert[],
  causes: readonly AlertCause[],
  now: Date,
): Promise<string[]> {
  const isOpen = new Set(open.map(({ subject }) => subject));
  const isCause = new Set(causes.map(({ subject }) => subject));
  const fresh = causes.filter(({ subject }) => !isOpen.has(subject)).map(cause => withIds(shard, cause));
  const gone = open.filter(({ subject }) => !isCause.has(subject)).map(({ id }) => id);
  const opened = fresh.length === 0 ? [] : await insertAlerts(tx, shard, kind, fresh, now);
  const closed = gone.length === 0 ? [] : await closeAlerts(tx, shard, gone, now);
  const wake = [...(await announce(tx, shard, "opened", opened)), ...(await announce(tx, shard, "closed", closed))];
  return [...new Set(wake)];
}

function withIds(shard: number, cause: AlertCause) {
  return { ...cause, id: newUuid(shard), openedEvent: newUuid(shard), closedEvent: newUuid(shard) };
}

/** A merchant's alerts are events. An endpoint that fails is not told of its own failing. */
async function announce(
  tx: Queryable,
  shard: number,
  change: AlertChange,
  alerts: readonly StoredAlert[],
): Promise<string[]> {
  const wake: string[] = [];
  const failing = alerts.filter(({ endpointId }) => endpointId !== null);
  const others = alerts.filter(({ endpointId }) => endpointId === null);
  wake.push(
    ...(await fanOut(
      tx,
      shard,
      others.flatMap(alert => eventOf(shard, change, alert)),
    )),
  );
  for (const alert of failing) {
    wake.push(...(await fanOut(tx, shard, eventOf(shard, change, alert), { except: alert.endpointId! })));
  }
  return wake;
}

function eventOf(shard: number, change: AlertChange, alert: StoredAlert): Event[] {
  const { merchantId, environment, endpointId } = alert;
  if (merchantId === null) return [];
  const id = change === "opened" ? alert.openedEvent : alert.closedEvent;
  return [
    {
      shard,
      id,
      merchantId,
      type: `alert.${change}`,
      transactionId: null,
      sequence: null,
      // What concerns an endpoint goes to endpoints of every environment.
      environment: environment === "any" || endpointId !== null ? null : environment,
      body: alertEventBody(id, change, alert),
    },
  ];
}
