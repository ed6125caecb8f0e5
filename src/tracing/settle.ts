import { SpanKind } from "@opentelemetry/api";
import { publicId } from "../domain/ids.ts";
import type { SettledItem, TelemetryEvents } from "../telemetry/events.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { type LinkTo, linksMax, type Spans } from "./spans.ts";

type SettledBatch = TelemetryEvents["batch.settled"];
type SettledCallback = SettledItem & { callbackId: string };
type CreatedEvent = SettledBatch["events"][number];

/**
 * Spans of settled batches: one for the batch, one in the trace of each callback, and one for each event, which is the
 * root of the trace of its deliveries.
 */
export function settleSpans(telemetry: Telemetry, spans: Spans): void {
  telemetry.subscribe("batch.settled", batch => {
    const callbacks = batch.settled.filter((item): item is SettledCallback => !item.lost && item.callbackId !== null);
    const eventsOf = new Map<string, CreatedEvent[]>();
    for (const event of batch.events) if (event.transactionId !== null) add(eventsOf, event.transactionId, event);
    const callbacksOf = new Map<string, SettledCallback[]>();
    for (const callback of callbacks) for (const id of callback.transactionIds) add(callbacksOf, id, callback);
    writeBatch(spans, batch, callbacks);
    for (const callback of callbacks) {
      const events = callback.transactionIds.flatMap(id => eventsOf.get(id) ?? []);
      writeCallback(spans, callback, events, batch.ms);
    }
    for (const event of batch.events) {
      writeEvent(spans, event, callbacksOf.get(event.transactionId ?? "") ?? [], batch.ms);
    }
  });
}

function writeBatch(spans: Spans, { shard, settled, events, ms }: SettledBatch, callbacks: SettledCallback[]): void {
  const ids = [...new Set(settled.flatMap(item => (item.lost ? [] : item.transactionIds)))];
  spans.write({
    name: "settle batch",
    kind: SpanKind.INTERNAL,
    parent: null,
    facts: {
      "hakika.shard": shard,
      "hakika.items": settled.length,
      "hakika.lost": settled.filter(item => item.lost).length,
      "hakika.events": events.length,
      // Registrations, polls and decisions mostly come alone: then the span can be found by its transaction.
      ...(ids.length === 1 ? ofTransaction(ids[0]!) : { "hakika.transactions": ids.length }),
    },
    links: callbacks.slice(0, linksMax).map(toCallback),
    ms,
  });
}

function writeCallback(spans: Spans, callback: SettledCallback, events: CreatedEvent[], ms: number): void {
  const [first, ...others] = callback.transactionIds;
  const id = publicId("callback", callback.callbackId);
  spans.write({
    name: "settle callback",
    kind: SpanKind.CONSUMER,
    parent: { under: callback.callbackId },
    facts: {
      ...messaging("inbox", "process", id),
      "hakika.callback_id": id,
      ...(first && ofTransaction(first)),
      "hakika.other_transaction_ids": others.map(other => publicId("transaction", other)),
      "hakika.statuses": [...callback.statuses],
    },
    links: events.map(toEvent),
    ms,
  });
}

function writeEvent(spans: Spans, event: CreatedEvent, callbacks: SettledCallback[], ms: number): void {
  const id = publicId("event", event.id);
  spans.write({
    name: "create event",
    kind: SpanKind.PRODUCER,
    parent: { of: event.id },
    facts: {
      ...messaging("outbox", "create", id),
      "hakika.event_id": id,
      "hakika.event_type": event.type,
      ...(event.transactionId && ofTransaction(event.transactionId)),
    },
    links: callbacks.map(toCallback),
    ms,
  });
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

function toCallback({ callbackId }: SettledCallback): LinkTo {
  return { to: callbackId, attributes: { "hakika.callback_id": publicId("callback", callbackId) } };
}

function toEvent({ id, type }: CreatedEvent): LinkTo {
  return { to: id, attributes: { "hakika.event_id": publicId("event", id), "hakika.event_type": type } };
}
