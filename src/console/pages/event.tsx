import { JsonBlock } from "../components/code-block.tsx";
import { Facts } from "../components/facts.tsx";
import { Table } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import type { PageRoute } from "../page-route.ts";
import { type DeliveryJson, deliveryColumns } from "./deliveries.tsx";
import { type EventJson, transactionLink } from "./events.tsx";

export const eventPage: PageRoute = {
  path: "/console/events/:id",
  section: "events",
  async render({ api, id }) {
    const [result, deliveries] = await Promise.all([
      api.get<EventJson>(`/v1/events/${id}`),
      api.get<{ data: DeliveryJson[] }>("/v1/deliveries", { event_id: id }),
    ]);
    if (result.kind === "refused") return result;
    if (deliveries.kind === "refused") return deliveries;
    const event = result.value;
    const body = <EventView event={event} deliveries={deliveries.value.data} />;
    return { kind: "page", title: event.type, body };
  },
};

function EventView({ event, deliveries }: { event: EventJson; deliveries: DeliveryJson[] }) {
  return (
    <>
      <h1>{event.type}</h1>
      <Facts
        entries={[
          ["Id", <code>{event.id}</code>],
          ["Time", <Time at={event.timestamp} />],
          ["Transaction", transactionLink(event)],
        ]}
      />
      <h2>Deliveries</h2>
      <Table
        label="Deliveries"
        columns={deliveryColumns}
        rows={deliveries}
        empty="None: no endpoint subscribes to this type."
      />
      <h2>Body</h2>
      <JsonBlock value={event} />
    </>
  );
}
