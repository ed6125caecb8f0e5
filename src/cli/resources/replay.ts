import type { Command } from "commander";
import { apiCommand } from "../api-command.ts";
import { collect, idOf, instantOf } from "../arguments.ts";
import { readableTime } from "../readable.ts";

type Replay = { id: string; events: number; created_after: string; created_before: string | null };

/** `hakika replay`: sends events again, with the same body and `webhook-id`. */
export function replayCommand(): Command {
  return apiCommand<Replay>({
    name: "replay",
    description: "sends the events of a period to an endpoint again",
    examples: [
      "hakika replay end_... --after 2h",
      "hakika replay end_... --after 2026-11-19 --before 2026-11-20 --type 'payment.*'",
    ],
    arguments: [{ name: "<endpoint>", description: "its id (end_...)", parse: idOf("endpoint") }],
    flags: [
      {
        flags: "--after <time>",
        description: "events since this time: a time, or 2h, 7d",
        parse: instantOf,
        required: true,
      },
      { flags: "--before <time>", description: "events before this time", parse: instantOf },
      {
        flags: "--type <type>",
        description: "events of this type, or payment.* (may be repeated; by default all)",
        parse: collect,
      },
    ],
    request: ({ after, before, type }, id) => ({
      method: "POST",
      path: "/v1/replays",
      body: { endpoint_id: id, event_types: type, created_after: after, created_before: before },
    }),
    text: r =>
      `${r.events} events since ${readableTime(r.created_after)} UTC are queued (${r.id}); a running worker sends them`,
  });
}
