import type { Command } from "commander";
import { apiCommand } from "../api-command.ts";
import { collect, idOf, instantOf } from "../arguments.ts";
import { readableTime } from "../readable.ts";

type Replay = { id: string; events: number; created_after: string; created_before: string | null };

/** `hakika replay`: the same bodies under the same `webhook-id`, again. */
export function replayCommand(): Command {
  return apiCommand<Replay>({
    name: "replay",
    means: "sends events of a time again to one endpoint",
    examples: [
      "hakika replay end_... --after 2h",
      "hakika replay end_... --after 2026-11-19 --before 2026-11-20 --type 'payment.*'",
    ],
    arguments: [{ name: "<endpoint>", means: "its id (end_...)", parse: idOf("endpoint") }],
    flags: [
      { flags: "--after <time>", means: "events from then on: a time, or 2h, 7d", parse: instantOf, required: true },
      { flags: "--before <time>", means: "until before then", parse: instantOf },
      { flags: "--type <type>", means: "of this type, or payment.* (again for more; all by default)", parse: collect },
    ],
    request: ({ after, before, type }, id) => ({
      method: "POST",
      path: "/v1/replays",
      body: { endpoint_id: id, event_types: type, created_after: after, created_before: before },
    }),
    text: r =>
      `${r.events} events from ${readableTime(r.created_after)} UTC on are sent again (${r.id}); a running worker sends them`,
  });
}
