import type { Command } from "commander";
import { roles } from "../../api/caller.ts";
import type { ResultPage } from "../api-client.ts";
import { apiCommand, commandGroup } from "../api-command.ts";
import { idOf } from "../arguments.ts";
import { pageFlags, pageQuery, pageText } from "../page.ts";
import { readableTime } from "../readable.ts";
import { factsOf, type TableColumn } from "../table.ts";

type Operator = { id: string; name: string; role: string; last_used_at: string | null; created_at: string };

const columns: readonly TableColumn<Operator>[] = [
  { heading: "ID", of: o => o.id },
  { heading: "NAME", of: o => o.name },
  { heading: "ROLE", of: o => o.role },
  { heading: "LAST USED (UTC)", of: o => o.last_used_at && readableTime(o.last_used_at) },
  { heading: "CREATED (UTC)", of: o => readableTime(o.created_at) },
];

/** `hakika operators`: the people who run the installation. */
export function operatorsCommand(): Command {
  return commandGroup("operators", "the people who run this installation, and their keys", [
    apiCommand<ResultPage<Operator>>({
      name: "list",
      description: "lists operators",
      flags: pageFlags,
      request: options => ({ method: "GET", path: "/v1/operators", query: pageQuery(options) }),
      text: page => pageText(page, columns, 'none yet: hakika operators create "Wanjiru" --role support'),
    }),
    apiCommand<Operator & { key: string }>({
      name: "create",
      description: "creates an operator, and shows their key once",
      examples: ['hakika operators create "Wanjiru" --role support'],
      arguments: [{ name: "<name>", description: "the person's name" }],
      flags: [{ flags: "--role <role>", description: "what the person may do", choices: roles, required: true }],
      request: (options, name) => ({ method: "POST", path: "/v1/operators", body: { name, role: options.role } }),
      text: operator => `${factsOf(operator)}\n\nHand the key over now: it is not shown again.`,
    }),
    apiCommand<null>({
      name: "delete",
      description: "deletes an operator: the key and its sessions end",
      arguments: [{ name: "<operator>", description: "its id (opr_...)", parse: idOf("operator") }],
      request: (_, id) => ({ method: "DELETE", path: `/v1/operators/${id}` }),
      text: () => "deleted",
    }),
  ]);
}
