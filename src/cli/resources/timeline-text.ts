import { pollWords } from "../../api/transactions/poll-words.ts";
import type { TimelineEntry, TimelineEntryOf } from "../../api/transactions/timeline-schema.ts";
import { readableMoney } from "../readable.ts";
import { tableOf } from "../table.ts";

/** A timeline as a table, oldest first. */
export function timelineText(entries: TimelineEntry[]): string {
  return tableOf(
    entries,
    [
      { heading: "WHEN (UTC)", of: e => e.at.slice(0, 23).replace("T", " ") },
      { heading: "WHAT", of: e => e.type },
      { heading: "DETAIL", of: detailOf },
    ],
    "no evidence yet",
  );
}

function detailOf(entry: TimelineEntry): string {
  switch (entry.type) {
    case "registration":
      return registrationText(entry);
    case "start":
      return startText(entry);
    case "poll":
      return pollText(entry);
    case "evidence":
      return evidenceText(entry);
    case "decision":
      return `${entry.status}, version ${entry.version}${entry.review ? `, review: ${entry.review.reason}` : ""}`;
    case "event":
      return eventText(entry);
  }
}

function registrationText({ by, amended_from, ...values }: TimelineEntryOf<"registration">): string {
  const before = amended_from === null ? "" : `; before: ${valuesText(amended_from)}`;
  return `by ${by.name ?? by.kind}: ${valuesText(values)}${before}`;
}

function valuesText(values: NonNullable<TimelineEntryOf<"registration">["amended_from"]>): string {
  const { amount = null, currency = null, reference, phone, provider_refs = {}, expires_at } = values;
  const money = readableMoney({ amount, currency });
  const expiry = expires_at ? `expires ${expires_at}` : null;
  const texts = [money, reference, phone, ...Object.values(provider_refs), expiry];
  return texts.filter(Boolean).join(", ") || "nothing";
}

function startText({ state, provider_message, latency_ms }: TimelineEntryOf<"start">): string {
  const latency = latency_ms === null ? "" : ` (${latency_ms} ms)`;
  return `${state}${provider_message === null ? "" : `: ${provider_message}`}${latency}`;
}

function pollText({ outcome, reason, latency_ms }: TimelineEntryOf<"poll">): string {
  const latency = latency_ms === null ? "" : ` (${latency_ms} ms)`;
  return `${pollWords(outcome)}${reason === null ? "" : `: ${reason}`}${latency}`;
}

function evidenceText(entry: TimelineEntryOf<"evidence">): string {
  const { source, callback_id, says, strength, amount, currency, detail, related, note } = entry;
  const origin = callback_id === null ? source : `${source} ${callback_id}`;
  const money = amount === null ? "" : ` ${readableMoney({ amount, currency })}`;
  const about = [detail, ...related].filter(text => text !== null).join(" ");
  // Where it says nothing, its detail alone tells what it is about.
  const isSilent = says === "nothing" && detail !== null;
  const statement = isSilent ? origin : `${origin} says ${says}${money} (${strength})`;
  return [statement, about, note].filter(Boolean).join(": ");
}

function eventText({ event_type, event_id, deliveries }: TimelineEntryOf<"event">): string {
  const told = deliveries.map(({ state, attempt_count }) => `${state} after ${attempt_count}`).join(", ");
  return `${event_type} ${event_id}: ${told === "" ? "no endpoint takes it" : told}`;
}
