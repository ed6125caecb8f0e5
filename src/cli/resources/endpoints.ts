import type { Command } from "commander";
import { endpointEnvironments } from "../../domain/events.ts";
import type { ResultPage } from "../api-client.ts";
import { type ApiCommand, apiCommand, commandGroup } from "../api-command.ts";
import { collect, idOf, instantOf, integerOf, pairsOf } from "../arguments.ts";
import { merchantFlag, pageFlags, pageQuery, pageText } from "../page.ts";
import { readableTime } from "../readable.ts";
import { factsOf } from "../table.ts";

type Endpoint = {
  id: string;
  merchant_id: string;
  url: string;
  event_types: string[];
  environment: string;
  description: string | null;
  enabled: boolean;
  disabled_reason: string | null;
  created_at: string;
  secret?: string;
  health?: { state: string; failing_since: string | null; last_success_at: string | null; pending: number };
};

const endpoint = { name: "<endpoint>", description: "its id (end_...)", parse: idOf("endpoint") };
const secondsMax = 366 * 86_400;

/** `hakika endpoints`: URLs that events are sent to. */
export function endpointsCommand(): Command {
  return commandGroup("endpoints", "URLs that events are sent to", [
    apiCommand(list),
    apiCommand(show),
    apiCommand(create),
    apiCommand(switchCommand("enable", "sends events to the endpoint again", true)),
    apiCommand(switchCommand("disable", "stops sending events to the endpoint", false)),
    apiCommand(test),
    apiCommand(rotateSecret),
    apiCommand(recover),
    apiCommand(remove),
  ]);
}

const list: ApiCommand<ResultPage<Endpoint>> = {
  name: "list",
  description: "lists endpoints",
  flags: [merchantFlag, ...pageFlags],
  request: options => ({ method: "GET", path: "/v1/endpoints", query: pageQuery(options) }),
  text: page =>
    pageText(
      page,
      [
        { heading: "ID", of: e => e.id },
        { heading: "ENABLED", of: e => (e.enabled ? "yes" : "no") },
        { heading: "ENVIRONMENT", of: e => e.environment },
        { heading: "TYPES", of: e => e.event_types },
        { heading: "URL", of: e => e.url },
        { heading: "MERCHANT", of: e => e.merchant_id },
      ],
      "none: hakika endpoints create --help",
    ),
};

const show: ApiCommand<Endpoint> = {
  name: "show",
  description: "shows an endpoint and its health",
  arguments: [endpoint],
  request: (_, id) => ({ method: "GET", path: `/v1/endpoints/${id}` }),
  text: endpointText,
};

const create: ApiCommand<Endpoint> = {
  name: "create",
  description: "creates an endpoint, and shows its signing secret once",
  examples: [
    "hakika endpoints create --merchant mer_... --url https://shop.example.com/hooks --type 'payment.*'",
    "hakika endpoints create --merchant mer_... --url https://test.example.com/hooks --environment sandbox",
  ],
  flags: [
    { ...merchantFlag, description: "its merchant (mer_...)", required: true, parse: idOf("merchant") },
    { flags: "--url <url>", description: "https, unless HAKIKA_EGRESS_ALLOW covers the address", required: true },
    {
      flags: "--type <type>",
      description: "an event type, payment.* or * (may be repeated; by default all)",
      parse: collect,
    },
    {
      flags: "--environment <name>",
      description: "whose events it takes (by default production)",
      choices: endpointEnvironments,
    },
    { flags: "--description <text>", description: "its purpose" },
    { flags: "--header <name=value>", description: "sent with every event (may be repeated)", parse: pairsOf },
    { flags: "--rate-limit <events>", description: "events a second at most", parse: integerOf(1, 100_000) },
  ],
  request: ({ merchant, url, type, environment, description, header, rateLimit }) => ({
    method: "POST",
    path: "/v1/endpoints",
    body: {
      merchant_id: merchant,
      url,
      event_types: type,
      environment,
      description,
      headers: header,
      rate_limit_per_s: rateLimit,
    },
  }),
  text: e =>
    `${endpointText(e)}\n\nStore the secret now: it is not shown again. Then try it: hakika endpoints test ${e.id}`,
};

function switchCommand(name: string, description: string, enabled: boolean): ApiCommand<Endpoint> {
  return {
    name,
    description,
    arguments: [endpoint],
    request: (_, id) => ({ method: "PATCH", path: `/v1/endpoints/${id}`, body: { enabled } }),
    text: endpointText,
  };
}

const test: ApiCommand<{ event_id: string; delivery_id: string }> = {
  name: "test",
  description: "sends an endpoint.test event to the endpoint",
  arguments: [endpoint],
  request: (_, id) => ({ method: "POST", path: `/v1/endpoints/${id}/test` }),
  text: factsOf,
};

const rotateSecret: ApiCommand<{ id: string; secret: string }> = {
  name: "rotate-secret",
  description: "creates a new signing secret, and shows it once",
  arguments: [endpoint],
  flags: [
    {
      flags: "--overlap <seconds>",
      description: "the old secret signs for so long beside the new one",
      parse: integerOf(0, secondsMax),
    },
  ],
  request: (options, id) => ({
    method: "POST",
    path: `/v1/endpoints/${id}/rotate-secret`,
    body: { overlap_s: options.overlap },
  }),
  text: factsOf,
};

const recover: ApiCommand<{ requeued: number }> = {
  name: "recover",
  description: "queues failed deliveries again",
  arguments: [endpoint],
  flags: [
    {
      flags: "--since <time>",
      description: "deliveries since this time: a time, or 2h, 7d",
      parse: instantOf,
      required: true,
    },
  ],
  request: (options, id) => ({
    method: "POST",
    path: `/v1/endpoints/${id}/recover`,
    body: { since: options.since },
  }),
  text: ({ requeued }) => `${requeued} deliveries are queued again`,
};

const remove: ApiCommand<null> = {
  name: "delete",
  description: "deletes an endpoint",
  arguments: [endpoint],
  request: (_, id) => ({ method: "DELETE", path: `/v1/endpoints/${id}` }),
  text: () => "deleted",
};

function endpointText({ health, created_at, ...rest }: Endpoint): string {
  return factsOf({
    ...rest,
    created: readableTime(created_at),
    health: health?.state,
    "failing since": readableTime(health?.failing_since ?? null),
    "last success": readableTime(health?.last_success_at ?? null),
    "pending deliveries": health?.pending,
  });
}
