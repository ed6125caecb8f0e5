import type { z } from "zod";
import type { deliverySchema } from "../../api/deliveries/delivery-json.ts";
import { Badge } from "../components/badge.tsx";
import { createdFilters } from "../components/filters.tsx";
import { IdLink } from "../components/id-link.tsx";
import type { Column } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import { listPage } from "./list-page.tsx";

export type DeliveryJson = z.output<typeof deliverySchema>;

/** Deliveries as rows, on every page that lists some. */
export const deliveryColumns: Column<DeliveryJson>[] = [
  { head: "Created", cell: delivery => <Time at={delivery.created_at} /> },
  { head: "Delivery", cell: delivery => <IdLink section="deliveries" id={delivery.id} /> },
  {
    head: "Event",
    cell: ({ event_id, event_type }) => <a href={`/console/events/${event_id}`}>{event_type ?? "event"}</a>,
  },
  { head: "Endpoint", cell: delivery => <IdLink section="endpoints" id={delivery.endpoint_id} /> },
  { head: "Attempts", cell: delivery => delivery.attempt_count, numeric: true },
  { head: "State", cell: delivery => <Badge state={delivery.state} /> },
];

export const deliveriesPage = listPage<DeliveryJson>({
  title: "Deliveries",
  path: "/console/deliveries",
  section: "deliveries",
  source: "/v1/deliveries",
  filters: [
    { name: "state", label: "State", options: ["pending", "delivered", "failed"] },
    { name: "endpoint_id", label: "Endpoint" },
    { name: "event_id", label: "Event" },
    ...createdFilters,
  ],
  columns: deliveryColumns,
  empty: "No deliveries match.",
});
