import type { ReceivedEvent } from "./merchant-server.ts";
import type { ReportStep } from "./report.ts";
import type { Sample } from "./sample.ts";
import type { Scenario } from "./scenario.ts";
import type { Setup } from "./setup.ts";

/**
 * Whether an event type reports an outcome; a transaction may wait before, or be in review, and have events for that.
 */
export const isOutcome = (type: string) => !/^transaction\.review|\.(pending|processing)$/.test(type);

/** The merchant's events about a sample, each once. */
export function eventsAbout(setup: Setup, sample: Sample): ReceivedEvent[] {
  const about = setup.merchant.received.filter(({ body }) => body.includes(sample.mark));
  return [...new Map(about.map(event => [event.id, event])).values()];
}

/** Reports when the transaction of each event was settled, and when the event was delivered and verified. */
export function reportEvents(events: ReceivedEvent[], report: ReportStep): void {
  for (const { type, id, problem, atMs, data, timestamp, body } of events) {
    const settledMs = performance.now() - (Date.now() - Date.parse(timestamp));
    const { transaction } = data;
    if (transaction && !type.startsWith("transaction.review")) {
      const { status, status_source, version } = transaction;
      const text = `${status} by ${status_source}, version ${version}`;
      report("settled", text, { ...transaction }, Math.min(settledMs, atMs));
    }
    report("delivered", `${type} ${id}`, { type, event_id: id, body: JSON.parse(body) }, atMs);
    const verified = problem ?? "its signature holds (Standard Webhooks)";
    report("verified", verified, { event_id: id, valid: problem === null }, atMs);
  }
}

/** What went wrong in a scenario; null where the events, or the state of the last callback, are as expected. */
export function judge(scenario: Scenario, received: ReceivedEvent[], state: string | null): string | null {
  const types = received.map(({ type }) => type);
  const outcomes = types.filter(isOutcome);
  const unverified = received.find(({ problem }) => problem !== null);
  if (unverified) return `${unverified.type} ${unverified.id}: ${unverified.problem}`;
  const repeated = types.find((type, at) => types.indexOf(type) !== at);
  if (repeated !== undefined) return `the merchant got ${repeated} twice`;
  if (outcomes.toSorted().join() !== scenario.events.toSorted().join()) {
    return `the merchant got ${outcomes.join(", ") || "nothing"}, not ${scenario.events.join(", ") || "nothing"}`;
  }
  const expected = scenario.by === "callback" ? (scenario.ends ?? "processed") : null;
  return state !== null && expected !== null && state !== expected ? `the callback is ${state}, not ${expected}` : null;
}
