import { SpanKind } from "@opentelemetry/api";
import type { Event } from "../domain/events.ts";
import { publicId } from "../domain/ids.ts";
import type { BatchResult } from "../settle/batch.ts";
import type { Settled } from "../settle/item.ts";
import { type LinkTo, linksMax, type Spans } from "./spans.ts";

type SettleSpans = { onSettled: (shard: number, result: BatchResult) => void };
type OfCallback = Settled & { callbackId: string };

/**
 * Batches that were settled; in the trace of each callback what it came to; and the events that were made, each of which begins the
 * trace of its deliveries.
 */
export function settleSpans(spans: Spans): SettleSpans {
  function batch(shard: number, { settled, events, ms }: BatchResult, callbacks: OfCallback[]): void {
    const ids = [...new Set(settled.flatMap(one => (one.lost ? [] : one.transactionIds)))];
    spans.write({
      name: "settle batch",
      kind: SpanKind.INTERNAL,
      parent: null,
      facts: {
        "hakika.shard": shard,
        "hakika.items": settled.length,
        "hakika.lost": settled.filter(one => one.lost).length,
        "hakika.events": events.length,
        // One alone can be searched for: what was registered, asked or decided comes alone mostly.
        ...(ids.length === 1 ? ofTransaction(ids[0]!) : { "hakika.transactions": ids.length }),
      },
      links: callbacks.slice(0, linksMax).map(toCallback),
      ms,
    });
  }

  function callback(one: OfCallback, events: Event[], ms: number): void {
    const [first, ...others] = one.transactionIds;
    const id = publicId("callback", one.callbackId);
    spans.write({
      name: "settle callback",
      kind: SpanKind.CONSUMER,
      parent: { under: one.callbackId },
      facts: {
        ...messaging("inbox", "process", id),
        "hakika.callback_id": id,
        ...(first && ofTransaction(first)),
        "hakika.other_transaction_ids": others.map(other => publicId("transaction", other)),
        "hakika.statuses": one.statuses,
      },
      links: events.map(toEvent),
      ms,
    });
  }

  function event(made: Event, callbacks: OfCallback[], ms: number): void {
    const id = publicId("event", made.id);
    spans.write({
      name: "create event",
      kind: SpanKind.PRODUCER,
      parent: { of: made.id },
      facts: {
        ...messaging("outbox", "create", id),
        "hakika.event_id": id,
        "hakika.event_type": made.type,
        ...(made.transactionId && ofTransaction(made.transactionId)),
      },
      links: callbacks.map(toCallback),
      ms,
    });
  }

  return {
    onSettled(shard, result) {
      const { settled, events, ms } = result;
      const callbacks = settled.filter((one): one is OfCallback => !one.lost && one.callbackId !== null);
      const eventsOf = new Map<string, Event[]>();
      for (const made of events) if (made.transactionId !== null) add(eventsOf, made.transactionId, made);
      const causesOf = new Map<string, OfCallback[]>();
      for (const one of callbacks) for (const id of one.transactionIds) add(causesOf, id, one);
      batch(shard, result, callbacks);
      for (const one of callbacks)
        callback(
          one,
          one.transactionIds.flatMap(id => eventsOf.get(id) ?? []),
          ms,
        );
      for (const made of events) event(made, causesOf.get(made.transactionId ?? "") ?? [], ms);
    },
  };
}

function add<T>(groups: Map<string, T[]>, key: string, one: T): void {
  const group = groups.get(key);
  if (group) group.push(one);
  else groups.set(key, [one]);
}

function messaging(queue: "inbox" | "outbox", operation: "process" | "create", id: string) {
  return {
    "messaging.system": "hakika",
    "messaging.destination.name": queue,
    "messaging.operation.name": operation,
    "messaging.operation.type": operation,
    "messaging.message.id": id,
  };
}

function ofTransaction(id: string) {
  return { "hakika.transaction_id": publicId("transaction", id) };
}

function toCallback({ callbackId }: OfCallback): LinkTo {
  return { to: callbackId, attributes: { "hakika.callback_id": publicId("callback", callbackId) } };
}

function toEvent({ id, type }: Event): LinkTo {
  return { to: id, attributes: { "hakika.event_id": publicId("event", id), "hakika.event_type": type } };
}
