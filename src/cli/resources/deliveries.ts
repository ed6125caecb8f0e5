import type { Command } from "commander";
import type { ResultPage } from "../api-client.ts";
import { apiCommand, commandGroup } from "../api-command.ts";
import { idOf } from "../arguments.ts";
import { merchantFlag, pageFlags, pageQuery, pageText } from "../page.ts";
import { readableTime } from "../readable.ts";
import { factsOf, type TableColumn, tableOf } from "../table.ts";

type Delivery = {
  id: string;
  event_id: string;
  event_type: string | null;
  endpoint_id: string;
  state: string;
  attempt_count: number;
  created_at: string;
  finished_at: string | null;
  next_attempt_at?: string | null;
  attempts?: Attempt[];
};
type Attempt = {
  started_at: string;
  status: number | null;
  latency_ms: number;
  error: string | null;
  answer: string | null;
};

const columns: readonly TableColumn<Delivery>[] = [
  { heading: "ID", of: d => d.id },
  { heading: "EVENT", of: d => d.event_type },
  { heading: "ENDPOINT", of: d => d.endpoint_id },
  { heading: "STATE", of: d => d.state },
  { heading: "ATTEMPTS", of: d => d.attempt_count, right: true },
  { heading: "CREATED (UTC)", of: d => readableTime(d.created_at) },
];
const delivery = { name: "<delivery>", description: "its id (dlv_...)", parse: idOf("delivery") };
const answerCharsMax = 120;

/** `hakika deliveries`: events owed to endpoints, and the attempts to deliver them. */
export function deliveriesCommand(): Command {
  return commandGroup("deliveries", "events owed to endpoints, and the attempts to deliver them", [
    apiCommand<ResultPage<Delivery>>({
      name: "list",
      description: "lists deliveries",
      examples: ["hakika deliveries list --state failed", "hakika deliveries list --endpoint end_..."],
      flags: [
        merchantFlag,
        { flags: "--state <state>", description: "in this state", choices: ["pending", "delivered", "failed"] },
        { flags: "--endpoint <id>", description: "to this endpoint (end_...)" },
        { flags: "--event <id>", description: "of this event (evt_...)" },
        ...pageFlags,
      ],
      request: o => ({
        method: "GET",
        path: "/v1/deliveries",
        query: { ...pageQuery(o), state: o.state, endpoint_id: o.endpoint, event_id: o.event },
      }),
      text: page => pageText(page, columns, "none"),
    }),
    apiCommand<Delivery>({
      name: "show",
      description: "shows a delivery with its attempts: status, latency, response",
      arguments: [delivery],
      request: (_, id) => ({ method: "GET", path: `/v1/deliveries/${id}` }),
      text: deliveryText,
    }),
    apiCommand<Delivery>({
      name: "retry",
      description: "sends a delivery again",
      arguments: [delivery],
      request: (_, id) => ({ method: "POST", path: `/v1/deliveries/${id}/retry` }),
      text: deliveryText,
    }),
  ]);
}

function deliveryText({ attempts, attempt_count, ...rest }: Delivery): string {
  const facts = factsOf({
    ...rest,
    attempts: attempt_count,
    created_at: readableTime(rest.created_at),
    finished_at: readableTime(rest.finished_at),
    next_attempt_at: readableTime(rest.next_attempt_at ?? null),
  });
  if (attempts === undefined) return facts;
  const attemptTable = tableOf(
    attempts,
    [
      { heading: "WHEN (UTC)", of: a => readableTime(a.started_at) },
      { heading: "STATUS", of: a => a.status, right: true },
      { heading: "MS", of: a => a.latency_ms, right: true },
      { heading: "ERROR OR RESPONSE", of: a => a.error ?? a.answer?.replace(/\s+/g, " ").slice(0, answerCharsMax) },
    ],
    "no attempt yet",
  );
  return `${facts}\n\n${attemptTable}`;
}
