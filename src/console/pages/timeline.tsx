import { pollWords } from "../../api/transactions/poll-words.ts";
import type { TimelineEntry, TimelineEntryOf } from "../../api/transactions/timeline-schema.ts";
import { Badge } from "../components/badge.tsx";
import { IdLink, IdLinks } from "../components/id-link.tsx";
import { Money } from "../components/money.tsx";
import { ReviewFacts } from "../components/review-facts.tsx";
import { Time } from "../components/time.tsx";
import { words } from "../components/words.ts";

/** The registrations, polls, evidence, status changes and events of a transaction, oldest first. */
export function Timeline({ entries }: { entries: TimelineEntry[] }) {
  return (
    <ol class="timeline">
      {entries.map(entry => (
        <li class={entry.type}>
          <Time at={entry.at} /> <EntryText entry={entry} />
        </li>
      ))}
    </ol>
  );
}

function EntryText({ entry }: { entry: TimelineEntry }) {
  switch (entry.type) {
    case "registration":
      return <RegistrationText entry={entry} />;
    case "start":
      return <StartText entry={entry} />;
    case "poll":
      return <PollText entry={entry} />;
    case "evidence":
      return <EvidenceText entry={entry} />;
    case "decision":
      return <DecisionText entry={entry} />;
    case "event":
      return <EventText entry={entry} />;
  }
}

function RegistrationText({ entry }: { entry: TimelineEntryOf<"registration"> }) {
  const { by, amount, currency, reference, phone, expires_at, provider_refs, amended_from } = entry;
  return (
    <>
      <strong>{amended_from === null ? "Registered" : "Registration changed"}</strong> by {by.name ?? by.kind}{" "}
      {amount !== null && (
        <strong>
          <Money amount={amount} currency={currency} />
        </strong>
      )}{" "}
      <small>{[reference, phone, ...Object.values(provider_refs)].filter(Boolean).join(", ")}</small>
      {expires_at !== null && (
        <div>
          expires <Time at={expires_at} />
        </div>
      )}
      {amended_from !== null && <div>before: {beforeText(amended_from)}</div>}
    </>
  );
}

/** The values that an amendment replaced. */
function beforeText({ amount, currency, ...rest }: NonNullable<TimelineEntryOf<"registration">["amended_from"]>) {
  const { reference, phone, provider_refs = {}, expires_at } = rest;
  const money = amount ? `${amount} ${currency ?? ""}`.trim() : null;
  const texts = [money, reference, phone, ...Object.values(provider_refs), expires_at];
  return texts.filter(Boolean).join(", ") || "nothing";
}

function StartText({ entry: { state, provider_message, latency_ms } }: { entry: TimelineEntryOf<"start"> }) {
  return (
    <>
      <strong>Started</strong> at the provider: <Badge state={state} />{" "}
      {latency_ms !== null && <small>{latency_ms} ms</small>}
      {provider_message !== null && <div>{provider_message}</div>}
    </>
  );
}

function PollText({ entry: { outcome, reason, latency_ms } }: { entry: TimelineEntryOf<"poll"> }) {
  return (
    <>
      <strong>Polled</strong>: {pollWords(outcome)} {latency_ms !== null && <small>{latency_ms} ms</small>}
      {reason !== null && <div>{reason}</div>}
    </>
  );
}

function EvidenceText({ entry }: { entry: TimelineEntryOf<"evidence"> }) {
  const { amount, currency, result, detail, related, note, callback_id, source, says, strength } = entry;
  // Its detail alone says what it is about.
  const isSilent = says === "nothing" && detail !== null;
  return (
    <>
      <strong>{words(source)}</strong>
      {isSilent ? (
        ": "
      ) : (
        <>
          {" "}
          says <Badge state={says} /> <small>{words(strength)}</small>
        </>
      )}{" "}
      {amount !== null && (
        <strong>
          <Money amount={amount} currency={currency} />
        </strong>
      )}
      {(detail !== null || related.length > 0) && (
        <>
          {!isSilent && <br />}
          {detail} <IdLinks section="transactions" ids={related} />
        </>
      )}
      {result !== null && (
        <div>
          {result.code}: {result.description}
        </div>
      )}
      {note !== null && (
        <div>
          <q>{note}</q>
        </div>
      )}
      {callback_id !== null && (
        <div>
          callback <IdLink section="callbacks" id={callback_id} />
        </div>
      )}
    </>
  );
}

function DecisionText({ entry }: { entry: TimelineEntryOf<"decision"> }) {
  const { previous_status, status, status_source, version, review } = entry;
  return (
    <>
      Status{" "}
      {previous_status !== null && (
        <>
          <Badge state={previous_status} /> →{" "}
        </>
      )}
      <Badge state={status} />{" "}
      <small>
        from {words(status_source)}, version {version}
      </small>
      {review !== null && (
        <div>
          <Badge state="review" /> {words(review.reason)}.
          <ReviewFacts review={review} />
        </div>
      )}
    </>
  );
}

function EventText({ entry }: { entry: TimelineEntryOf<"event"> }) {
  return (
    <>
      Sent <a href={`/console/events/${entry.event_id}`}>{entry.event_type}</a>
      {entry.deliveries.map(delivery => (
        <div>
          <Badge state={delivery.state} /> <IdLink section="deliveries" id={delivery.id} />{" "}
          <small>{delivery.attempt_count === 1 ? "1 attempt" : `${delivery.attempt_count} attempts`}</small>
        </div>
      ))}
      {entry.deliveries.length === 0 && <small> to no endpoint</small>}
    </>
  );
}
