import type { z } from "zod";
import type { endpointSchema, endpointWithHealthSchema } from "../../api/endpoints/endpoint-json.ts";
import { Badge } from "../components/badge.tsx";
import { IdLink } from "../components/id-link.tsx";
import { Time } from "../components/time.tsx";
import { listPage } from "./list-page.tsx";

type EndpointWithHealth = z.output<typeof endpointWithHealthSchema>;
/** The API's list has no health; the page of one endpoint has it. */
type ListedEndpoint = z.output<typeof endpointSchema> & { health?: EndpointWithHealth["health"] };

export const endpointsPage = listPage<ListedEndpoint>({
  title: "Endpoints",
  path: "/console/endpoints",
  section: "endpoints",
  source: "/v1/endpoints",
  filters: [{ name: "enabled", label: "Enabled", options: ["true", "false"] }],
  columns: [
    { head: "Endpoint", cell: endpoint => <IdLink section="endpoints" id={endpoint.id} /> },
    { head: "URL", cell: endpoint => <code>{endpoint.url}</code> },
    { head: "Environment", cell: endpoint => endpoint.environment },
    { head: "Events", cell: endpoint => endpoint.event_types.join(", ") },
    { head: "State", cell: endpoint => <EndpointState endpoint={endpoint} /> },
    { head: "Queued", cell: endpoint => endpoint.health?.pending, numeric: true },
    { head: "Created", cell: endpoint => <Time at={endpoint.created_at} /> },
  ],
  empty: "No endpoints match. Create one with POST /v1/endpoints.",
  async complete({ api }, endpoint) {
    if (!endpoint.enabled) return endpoint;
    const result = await api.get<EndpointWithHealth>(`/v1/endpoints/${endpoint.id}`);
    return result.kind === "ok" ? result.value : endpoint;
  },
});

function EndpointState({ endpoint: { enabled, disabled_reason, health } }: { endpoint: ListedEndpoint }) {
  if (!enabled)
    return (
      <>
        <Badge state="disabled" /> <small>{disabled_reason}</small>
      </>
    );
  return (
    <>
      <Badge state={health?.state ?? "enabled"} />{" "}
      {health?.failing_since && (
        <small>
          since <Time at={health.failing_since} />
        </small>
      )}
    </>
  );
}
