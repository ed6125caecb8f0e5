import type { Command } from "commander";
import type { ApiPage } from "../../api-client/client.ts";
import { apiCommand, commandGroup } from "../api-command.ts";
import { collect, idOf, instantOf, integerOf, pairsOf } from "../arguments.ts";
import { merchantFlag, pageFlags, pageQuery, pageText } from "../page.ts";
import { readableTime } from "../readable.ts";
import { factsOf } from "../table.ts";

type Endpoint = {
  id: string;
  merchant_id: string;
  url: string;
  event_types: string[];
  description: string | null;
  enabled: boolean;
  disabled_reason: string | null;
  created_at: string;
  secret?: string;
  health?: { state: string; failing_since: string | null; last_success_at: string | null; pending: number };
};

const endpoint = { name: "<endpoint>", means: "its id (end_...)", parse: idOf("endpoint") };
const secondsMax = 366 * 86_400;

/** `hakika endpoints`: where merchants are told. */
export function endpointsCommand(): Command {
  return commandGroup("endpoints", "where merchants are told: URLs that events are posted to", [
    apiCommand<ApiPage<Endpoint>>({
      name: "list",
      means: "lists endpoints",
      flags: [merchantFlag, ...pageFlags],
      request: options => ({ method: "GET", path: "/v1/endpoints", query: pageQuery(options) }),
      text: page =>
        pageText(
          page,
          [
            { heading: "ID", of: e => e.id },
            { heading: "ENABLED", of: e => (e.enabled ? "yes" : "no") },
            { heading: "TYPES", of: e => e.event_types },
            { heading: "URL", of: e => e.url },
            { heading: "MERCHANT", of: e => e.merchant_id },
          ],
          "none: hakika endpoints create --help",
        ),
    }),
    apiCommand<Endpoint>({
      name: "show",
      means: "shows one endpoint and its health",
      arguments: [endpoint],
      request: (_, id) => ({ method: "GET", path: `/v1/endpoints/${id}` }),
      text: endpointText,
    }),
    apiCommand<Endpoint>({
      name: "create",
      means: "makes an endpoint and shows its signing secret, this once",
      examples: ["hakika endpoints create --merchant mer_... --url https://shop.example.com/hooks --type 'payment.*'"],
      flags: [
        { ...merchantFlag, means: "whose it is (mer_...)", required: true, parse: idOf("merchant") },
        { flags: "--url <url>", means: "https, unless HAKIKA_EGRESS_ALLOW covers the address", required: true },
        {
          flags: "--type <type>",
          means: "an event type, payment.* or * (again for more; all by default)",
          parse: collect,
        },
        { flags: "--description <text>", means: "what it is for" },
        { flags: "--header <name=value>", means: "sent with every event (again for more)", parse: pairsOf },
        { flags: "--rate-limit <events>", means: "events a second at most", parse: integerOf(1, 100_000) },
      ],
      request: ({ merchant, url, type, description, header, rateLimit }) => ({
        method: "POST",
        path: "/v1/endpoints",
        body: {
          merchant_id: merchant,
          url,
          event_types: type,
          description,
          headers: header,
          rate_limit_per_s: rateLimit,
        },
      }),
      text: e =>
        `${endpointText(e)}\n\nKeep the secret now: it is not shown again. Try it: hakika endpoints test ${e.id}`,
    }),
    ...[true, false].map(enabled =>
      apiCommand<Endpoint>({
        name: enabled ? "enable" : "disable",
        means: enabled ? "sends to it again" : "sends nothing more to it",
        arguments: [endpoint],
        request: (_, id) => ({ method: "PATCH", path: `/v1/endpoints/${id}`, body: { enabled } }),
        text: endpointText,
      }),
    ),
    apiCommand<{ event_id: string; delivery_id: string }>({
      name: "test",
      means: "sends endpoint.test to it",
      arguments: [endpoint],
      request: (_, id) => ({ method: "POST", path: `/v1/endpoints/${id}/test` }),
      text: factsOf,
    }),
    apiCommand<{ id: string; secret: string }>({
      name: "rotate-secret",
      means: "gives it a new signing secret and shows it, this once",
      arguments: [endpoint],
      flags: [
        { flags: "--overlap <seconds>", means: "the old one signs beside it so long", parse: integerOf(0, secondsMax) },
      ],
      request: (options, id) => ({
        method: "POST",
        path: `/v1/endpoints/${id}/rotate-secret`,
        body: { overlap_s: options.overlap },
      }),
      text: factsOf,
    }),
    apiCommand<{ requeued: number }>({
      name: "recover",
      means: "queues again what failed",
      arguments: [endpoint],
      flags: [{ flags: "--since <time>", means: "from then on: a time, or 2h, 7d", parse: instantOf, required: true }],
      request: (options, id) => ({
        method: "POST",
        path: `/v1/endpoints/${id}/recover`,
        body: { since: options.since },
      }),
      text: ({ requeued }) => `${requeued} deliveries are queued again`,
    }),
    apiCommand<null>({
      name: "delete",
      means: "deletes an endpoint",
      arguments: [endpoint],
      request: (_, id) => ({ method: "DELETE", path: `/v1/endpoints/${id}` }),
      text: () => "deleted",
    }),
  ]);
}

function endpointText({ health, created_at, ...rest }: Endpoint): string {
  return factsOf({
    ...rest,
    created: readableTime(created_at),
    health: health?.state,
    "failing since": readableTime(health?.failing_since ?? null),
    "last success": readableTime(health?.last_success_at ?? null),
    "waiting deliveries": health?.pending,
  });
}
