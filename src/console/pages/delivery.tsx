import type { z } from "zod";
import type { deliveryWithAttemptsSchema } from "../../api/deliveries/delivery-json.ts";
import { apiAction } from "../action-route.ts";
import { Badge } from "../components/badge.tsx";
import { CodeBlock } from "../components/code-block.tsx";
import { Facts } from "../components/facts.tsx";
import { ActionButton } from "../components/form.tsx";
import { IdLink } from "../components/id-link.tsx";
import { EmptyNote } from "../components/notice.tsx";
import { Time } from "../components/time.tsx";
import type { PageRoute } from "../page-route.ts";

type DeliveryWithAttempts = z.output<typeof deliveryWithAttemptsSchema>;
type Attempt = DeliveryWithAttempts["attempts"][number];

export const deliveryPage: PageRoute = {
  path: "/console/deliveries/:id",
  section: "deliveries",
  async render({ api, id }) {
    const result = await api.get<DeliveryWithAttempts>(`/v1/deliveries/${id}`);
    if (result.kind === "refused") return result;
    return { kind: "page", title: "Delivery", body: <DeliveryView delivery={result.value} /> };
  },
};

export const retryAction = apiAction("deliveries", "retry", "retry", ({ api, id }) =>
  api.post(`/v1/deliveries/${id}/retry`),
);

function DeliveryView({ delivery }: { delivery: DeliveryWithAttempts }) {
  const { event_id, event_type, finished_at, next_attempt_at } = delivery;
  return (
    <>
      <h1>
        Delivery <Badge state={delivery.state} />
      </h1>
      <Facts
        entries={[
          ["Id", <code>{delivery.id}</code>],
          ["Event", <a href={`/console/events/${event_id}`}>{event_type ?? event_id}</a>],
          ["Endpoint", <IdLink section="endpoints" id={delivery.endpoint_id} />],
          ["Created", <Time at={delivery.created_at} />],
          ["Finished", finished_at && <Time at={finished_at} />],
          ["Next attempt", next_attempt_at && <Time at={next_attempt_at} />],
        ]}
      />
      <h2>Attempts</h2>
      {delivery.attempts.length === 0 ? (
        <EmptyNote>{delivery.state === "pending" ? "None yet." : "None: the endpoint was disabled first."}</EmptyNote>
      ) : (
        <ol class="timeline">
          {delivery.attempts.map(attempt => (
            <AttemptEntry attempt={attempt} />
          ))}
        </ol>
      )}
      <ActionButton action={`/console/deliveries/${delivery.id}/retry`}>Retry</ActionButton>
    </>
  );
}

function AttemptEntry({ attempt }: { attempt: Attempt }) {
  return (
    <li>
      <Time at={attempt.started_at} /> {attempt.status !== null && <strong>{attempt.status}</strong>}{" "}
      <small>{attempt.latency_ms} ms</small>{" "}
      {attempt.error !== null && <span class="danger-text">{attempt.error}</span>}
      {attempt.answer && <CodeBlock>{attempt.answer}</CodeBlock>}
    </li>
  );
}
