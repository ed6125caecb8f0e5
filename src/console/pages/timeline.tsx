import type { z } from "zod";
import type { timelineSchema } from "../../api/transactions/timeline.ts";
import { Badge } from "../components/badge.tsx";
import { IdLink } from "../components/id-link.tsx";
import { Money } from "../components/money.tsx";
import { Time } from "../components/time.tsx";
import { words } from "../components/words.ts";

type TimelineEntry = z.output<typeof timelineSchema>[number];
type EntryOf<Type extends TimelineEntry["type"]> = Extract<TimelineEntry, { type: Type }>;

/** The evidence, status changes and events of a transaction, oldest first. */
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
    case "evidence":
      return <EvidenceText entry={entry} />;
    case "decision":
      return <DecisionText entry={entry} />;
    case "event":
      return <EventText entry={entry} />;
  }
}

function EvidenceText({ entry }: { entry: EntryOf<"evidence"> }) {
  const { amount, currency, result, note, callback_id, source, says, strength } = entry;
  return (
    <>
      <strong>{words(source)}</strong> says <Badge state={says} /> <small>{words(strength)}</small>{" "}
      {amount !== null && (
        <strong>
          <Money amount={amount} currency={currency} />
        </strong>
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

function DecisionText({ entry }: { entry: EntryOf<"decision"> }) {
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
          <Badge state="review" /> {words(review.reason)}
        </div>
      )}
    </>
  );
}

function EventText({ entry }: { entry: EntryOf<"event"> }) {
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
