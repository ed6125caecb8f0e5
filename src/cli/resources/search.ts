import type { Command } from "commander";
import { apiCommand } from "../api-command.ts";
import { type TableColumn, tableOf } from "../table.ts";

type Found = { type: string; id: string; title: string; matched: string };

const columns: readonly TableColumn<Found>[] = [
  { heading: "WHAT", of: f => f.type },
  { heading: "ID", of: f => f.id },
  { heading: "TITLE", of: f => f.title },
  { heading: "FOUND BY", of: f => f.matched },
];

/** `hakika search`: one box for ids, receipts, references and phones. */
export function searchCommand(): Command {
  return apiCommand<{ data: Found[] }>({
    name: "search",
    description: "finds an id, a receipt, a reference, a phone, or a receipt in a quarantined callback",
    examples: ["hakika search tjikq7v33n", "hakika search 0712345678"],
    arguments: [{ name: "<text>", description: "what to look for" }],
    request: (_, q) => ({ method: "GET", path: "/v1/search", query: { q } }),
    text: ({ data }) => tableOf(data, columns, "nothing found"),
  });
}
