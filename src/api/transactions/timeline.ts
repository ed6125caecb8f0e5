import type { Vault } from "../../database/vault/vault.ts";
import { publicId } from "../../domain/ids.ts";
import { startStates } from "../../domain/transaction.ts";
import { openBody } from "../../outbox/fan-out-store.ts";
import type { ApiDeps } from "../deps.ts";
import { toEvidenceEntry, weigher } from "./evidence-entry.ts";
import type { ListedTransactionRow } from "./store.ts";
import type { TimelineEntry, TimelineEntryOf } from "./timeline-schema.ts";
import { deliveriesOf, eventsOf, evidenceOf, pollsOf, registrationsOf, startsOf } from "./timeline-store.ts";

/** The timeline of a transaction. `requestedId` is the id that was asked for: a merged id has rows of its own. */
export async function timelineOf(
  deps: Pick<ApiDeps, "db" | "sql" | "directory" | "providers">,
  row: ListedTransactionRow,
  requestedId: string,
): Promise<TimelineEntry[]> {
  const {
    db,
    sql: { vault },
  } = deps;
  const ids = [...new Set([row.id, requestedId])];
  const [registrationRows, startRows, pollRows, evidenceRows, eventRows, strengthOf] = await Promise.all([
    registrationsOf(db, row.shard, ids),
    row.start === null ? [] : startsOf(db, row.shard, ids),
    pollsOf(db, row.shard, ids),
    evidenceOf(db, row.shard, row.id),
    eventsOf(db, row.shard, ids),
    weigher(deps, row),
  ]);
  const eventIds = eventRows.map(({ id }) => id);
  const deliveryRows = await deliveriesOf(db, row.shard, eventIds);
  const entries = [
    ...registrationRows.map(registration => toRegistrationEntry(registration, vault)),
    ...startRows.map(toStartEntry),
    ...pollRows.map(toPollEntry),
    ...evidenceRows.map(evidence => toEvidenceEntry(evidence, strengthOf, vault)),
    ...toDecisionEntries(eventRows, vault),
    ...eventRows.map(event => toEventEntry(event, deliveryRows)),
  ];
  // Array.sort is stable: at the same moment a registration comes first, evidence before the decision, and the decision
  // before its event.
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function toRegistrationEntry(row: Awaited<ReturnType<typeof registrationsOf>>[number], vault: Vault): TimelineEntry {
  type Entry = TimelineEntryOf<"registration">;
  const { id, sealed } = row;
  const { values, amendedFrom } = sealed === null ? row : vault.openJson<typeof row>("registrations", id, sealed);
  return {
    type: "registration",
    at: row.at.toISOString(),
    by: row.by as Entry["by"],
    ...(values as Omit<Entry, "type" | "at" | "by" | "amended_from">),
    amended_from: amendedFrom as Entry["amended_from"],
  };
}

function toStartEntry(row: Awaited<ReturnType<typeof startsOf>>[number]): TimelineEntry {
  const state = startStates.find(known => known === row.state) ?? "unknown";
  const { begunAt, endedAt, providerMessage: provider_message } = row;
  const latency_ms = endedAt === null ? null : endedAt.getTime() - begunAt!.getTime();
  return { type: "start", at: begunAt!.toISOString(), state, provider_message, latency_ms };
}

function toPollEntry({ at, outcome, reason, latencyMs }: Awaited<ReturnType<typeof pollsOf>>[number]): TimelineEntry {
  return { type: "poll", at: at.toISOString(), outcome, reason, latency_ms: latencyMs };
}

type TimelineEvent = Awaited<ReturnType<typeof eventsOf>>[number];

/** A decision for each version of the transaction that an event shows. */
function toDecisionEntries(events: TimelineEvent[], vault: Vault): TimelineEntry[] {
  const versions = new Set<string>();
  return events.flatMap(event => {
    const { transaction, previous_status } = JSON.parse(openBody(event, vault)).data;
    const key = `${transaction.id}|${transaction.version}`;
    if (versions.has(key)) return [];
    versions.add(key);
    return {
      type: "decision" as const,
      at: event.createdAt.toISOString(),
      status: transaction.status,
      previous_status: previous_status ?? null,
      status_source: transaction.status_source,
      version: transaction.version,
      // Events from before have reviews without amounts and related transactions.
      review: transaction.review && { expected: null, told: null, related: [], ...transaction.review },
    };
  });
}

function toEventEntry(event: TimelineEvent, deliveries: Awaited<ReturnType<typeof deliveriesOf>>): TimelineEntry {
  return {
    type: "event",
    at: event.createdAt.toISOString(),
    event_id: publicId("event", event.id),
    event_type: event.type,
    sequence: event.sequence,
    deliveries: deliveries
      .filter(({ eventId }) => eventId === event.id)
      .map(each => ({
        id: publicId("delivery", each.id),
        endpoint_id: publicId("endpoint", each.endpointId),
        state: each.state,
        attempt_count: each.attempts,
      })),
  };
}
