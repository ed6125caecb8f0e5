import type { z } from "zod";
import type { endpointWithHealthSchema } from "../../api/endpoints/endpoint-json.ts";
import { apiAction } from "../action-route.ts";
import { Badge } from "../components/badge.tsx";
import { Facts } from "../components/facts.tsx";
import { ActionButton, Actions } from "../components/form.tsx";
import { EmptyNote, Notice } from "../components/notice.tsx";
import { Table } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import type { ApiResult } from "../console-api.ts";
import type { PageRoute } from "../page-route.ts";
import { type DeliveryJson, deliveryColumns } from "./deliveries.tsx";

type Endpoint = z.output<typeof endpointWithHealthSchema>;
type Deliveries = ApiResult<{ data: DeliveryJson[] }>;

const recoverDays = 7;
const dayMs = 86_400_000;

export const endpointPage: PageRoute = {
  path: "/console/endpoints/:id",
  section: "endpoints",
  async render({ api, id }) {
    const [result, deliveries] = await Promise.all([
      api.get<Endpoint>(`/v1/endpoints/${id}`),
      api.get<{ data: DeliveryJson[] }>("/v1/deliveries", { endpoint_id: id, limit: "10" }),
    ]);
    if (result.kind === "refused") return result;
    const body = <EndpointView endpoint={result.value} deliveries={deliveries} />;
    return { kind: "page", title: "Endpoint", body };
  },
};

export const enableAction = apiAction("endpoints", "enable", "enabled", ({ api, id }) =>
  api.patch(`/v1/endpoints/${id}`, { enabled: true }),
);

export const disableAction = apiAction("endpoints", "disable", "disabled", ({ api, id }) =>
  api.patch(`/v1/endpoints/${id}`, { enabled: false }),
);

export const testAction = apiAction("endpoints", "test", "test", ({ api, id }) => api.post(`/v1/endpoints/${id}/test`));

export const recoverAction = apiAction("endpoints", "recover", "recover", ({ api, id, now }) =>
  api.post(`/v1/endpoints/${id}/recover`, { since: new Date(now.getTime() - recoverDays * dayMs).toISOString() }),
);

function EndpointView({ endpoint, deliveries }: { endpoint: Endpoint; deliveries: Deliveries }) {
  const { health } = endpoint;
  const action = (verb: string) => `/console/endpoints/${endpoint.id}/${verb}`;
  return (
    <>
      <h1>
        Endpoint <Badge state={health.state} />
      </h1>
      <p class="subtitle">
        <code>{endpoint.url}</code>
      </p>
      <HealthNotice endpoint={endpoint} />
      <EndpointFacts endpoint={endpoint} />
      <Actions>
        {endpoint.enabled ? (
          <ActionButton action={action("disable")}>Disable</ActionButton>
        ) : (
          <ActionButton action={action("enable")} primary>
            Enable
          </ActionButton>
        )}
        <ActionButton action={action("test")}>Send a test event</ActionButton>
        <ActionButton action={action("recover")}>Resend failed deliveries ({recoverDays} days)</ActionButton>
      </Actions>
      <h2>Latest deliveries</h2>
      {deliveries.kind === "ok" ? (
        <Table label="Deliveries" columns={deliveryColumns} rows={deliveries.value.data} empty="No deliveries yet." />
      ) : (
        <EmptyNote>{deliveries.detail}</EmptyNote>
      )}
    </>
  );
}

function HealthNotice({ endpoint: { enabled, disabled_at, disabled_reason, health } }: { endpoint: Endpoint }) {
  if (!enabled)
    return (
      <Notice tone="danger">
        Disabled since <Time at={disabled_at} /> ({disabled_reason ?? "by an operator"}). No events are sent to it.
        Enable it when its receiver works again, then resend the failed deliveries.
      </Notice>
    );
  if (health.state !== "failing") return null;
  return (
    <Notice tone="danger">
      Failing since <Time at={health.failing_since} />. The latest deliveries show how it answers.
    </Notice>
  );
}

const environmentWords = {
  production: "production: no events of sandbox connections",
  sandbox: "sandbox: no events about real money",
  any: "any",
} as const;

function EndpointFacts({ endpoint }: { endpoint: Endpoint }) {
  const { health, rate_limit_per_s } = endpoint;
  return (
    <Facts
      entries={[
        ["Id", <code>{endpoint.id}</code>],
        ["Description", endpoint.description],
        ["Environment", environmentWords[endpoint.environment]],
        ["Events", endpoint.event_types.join(", ")],
        ["Custom headers", endpoint.headers.join(", ")],
        ["Rate limit", rate_limit_per_s === null ? null : `${rate_limit_per_s} per second`],
        ["Queued", health.pending],
        ["Failing since", health.failing_since && <Time at={health.failing_since} />],
        ["Last success", <Time at={health.last_success_at} />],
        ["Last failure", <Time at={health.last_failure_at} />],
      ]}
    />
  );
}
