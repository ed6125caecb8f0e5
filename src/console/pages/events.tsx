import type { z } from "zod";
import type { eventSchema } from "../../api/events/event-json.ts";
import { createdFilters } from "../components/filters.tsx";
import { IdLink } from "../components/id-link.tsx";
import { Time } from "../components/time.tsx";
import { listPage } from "./list-page.tsx";

export type EventJson = z.output<typeof eventSchema>;

export const eventsPage = listPage<EventJson>({
  title: "Events",
  path: "/console/events",
  section: "events",
  source: "/v1/events",
  filters: [
    { name: "type", label: "Type, such as payment.*" },
    { name: "transaction_id", label: "Transaction" },
    ...createdFilters,
  ],
  columns: [
    { head: "Time", cell: event => <Time at={event.timestamp} /> },
    { head: "Event", cell: event => <IdLink section="events" id={event.id} /> },
    { head: "Type", cell: event => event.type },
    { head: "Transaction", cell: event => transactionLink(event) },
  ],
  empty: "No events match.",
});

/** Null for an event that is not about a transaction. */
export function transactionLink({ data }: EventJson) {
  const { transaction } = data as { transaction?: { id?: unknown } };
  return typeof transaction?.id === "string" ? <IdLink section="transactions" id={transaction.id} /> : null;
}
