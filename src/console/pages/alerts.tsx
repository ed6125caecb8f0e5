import type { z } from "zod";
import type { alertSchema } from "../../api/alerts/alert-schema.ts";
import { alertKinds } from "../../domain/alerts.ts";
import type { ActionRoute } from "../action-route.ts";
import { Badge } from "../components/badge.tsx";
import { Facts } from "../components/facts.tsx";
import { ActionButton } from "../components/form.tsx";
import { IdLink } from "../components/id-link.tsx";
import { Time } from "../components/time.tsx";
import { words } from "../components/words.ts";
import type { PageRoute } from "../page-route.ts";
import { listPage } from "./list-page.tsx";

type Alert = z.output<typeof alertSchema>;

export const alertsPage = listPage<Alert>({
  title: "Alerts",
  path: "/console/alerts",
  section: "alerts",
  source: "/v1/alerts",
  filters: [
    { name: "state", label: "State", options: ["open", "closed"] },
    { name: "kind", label: "Kind", options: alertKinds },
  ],
  links: [{ href: "/console/alerts/channels", text: "Who is told" }],
  columns: [
    { head: "Since", cell: ({ opened_at }) => <Time at={opened_at} /> },
    { head: "Alert", cell: ({ id }) => <IdLink section="alerts" id={id} /> },
    {
      head: "What",
      cell: ({ title, detail }) => (
        <>
          <strong>{title}</strong>
          <br />
          <small>{detail}</small>
        </>
      ),
    },
    { head: "Of", cell: alert => <Subject of={alert} /> },
    { head: "State", cell: ({ state }) => <Badge state={state} /> },
    { head: "Acknowledged", cell: ({ acknowledged_at }) => <Time at={acknowledged_at} /> },
    { head: "", cell: alert => <Acknowledge of={alert} /> },
  ],
  empty: "No alerts match.",
});

export const alertPage: PageRoute = {
  path: "/console/alerts/:id",
  section: "alerts",
  async render({ api, id }) {
    const result = await api.get<Alert>(`/v1/alerts/${id}`);
    if (result.kind === "refused") return result;
    const alert = result.value;
    const body = (
      <>
        <h1>{alert.title}</h1>
        <p>{alert.detail}</p>
        <Facts
          entries={[
            ["State", <Badge state={alert.state} />],
            ["Kind", words(alert.kind)],
            ["Of", <Subject of={alert} />],
            ["Environment", alert.environment],
            ["Merchant", alert.merchant_id],
            ["Opened", <Time at={alert.opened_at} />],
            ["Acknowledged", alert.acknowledged_at && <Time at={alert.acknowledged_at} />],
            ["Acknowledged by", alert.acknowledged_by],
            ["Closed", alert.closed_at && <Time at={alert.closed_at} />],
          ]}
        />
        <Acknowledge of={alert} />
      </>
    );
    return { kind: "page", title: alert.title, body };
  },
};

export const acknowledgeAction: ActionRoute = {
  path: "/console/alerts/:id/acknowledge",
  async run({ api, id }) {
    const result = await api.post(`/v1/alerts/${id}/acknowledge`);
    return result.kind === "refused" ? result : { kind: "done", location: "/console/alerts", flash: "acknowledged" };
  },
};

function Subject({ of: { connection_id, endpoint_id, channel } }: { of: Alert }) {
  return (
    <>
      {connection_id && <IdLink section="connections" id={connection_id} />}
      {endpoint_id && <IdLink section="endpoints" id={endpoint_id} />} {channel}
    </>
  );
}

function Acknowledge({ of: { id, state, acknowledged_at } }: { of: Alert }) {
  if (state === "closed" || acknowledged_at !== null) return null;
  return <ActionButton action={`/console/alerts/${id}/acknowledge`}>Acknowledge</ActionButton>;
}
