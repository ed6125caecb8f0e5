import type { Command } from "commander";
import type { ResultPage } from "../api-client.ts";
import { apiCommand, commandGroup } from "../api-command.ts";
import { idOf } from "../arguments.ts";
import { pageFlags, pageQuery, pageText } from "../page.ts";
import { readableTime } from "../readable.ts";
import { factsOf, type TableColumn } from "../table.ts";

type Merchant = { id: string; name: string; created_at: string };
type ApiKey = Merchant;

const columns: readonly TableColumn<Merchant>[] = [
  { heading: "ID", of: m => m.id },
  { heading: "NAME", of: m => m.name },
  { heading: "CREATED (UTC)", of: m => readableTime(m.created_at) },
];
const merchant = { name: "<merchant>", description: "its id (mer_...)", parse: idOf("merchant") };

/** `hakika merchants`: merchants and their API keys. */
export function merchantsCommand(): Command {
  return commandGroup("merchants", "merchants and their API keys", [
    apiCommand<ResultPage<Merchant>>({
      name: "list",
      description: "lists merchants",
      flags: pageFlags,
      request: options => ({ method: "GET", path: "/v1/merchants", query: pageQuery(options) }),
      text: page => pageText(page, columns, 'none yet: hakika merchants create "My shop"'),
    }),
    apiCommand<Merchant>({
      name: "show",
      description: "shows a merchant",
      arguments: [merchant],
      request: (_, id) => ({ method: "GET", path: `/v1/merchants/${id}` }),
      text: m => factsOf(m),
    }),
    apiCommand<Merchant>({
      name: "create",
      description: "creates a merchant",
      examples: ['hakika merchants create "My shop"'],
      arguments: [{ name: "<name>", description: "a name for people" }],
      request: (_, name) => ({ method: "POST", path: "/v1/merchants", body: { name } }),
      text: m => `${factsOf(m)}\n\nNext: hakika merchants create-key ${m.id} "my server"`,
    }),
    apiCommand<ResultPage<ApiKey>>({
      name: "keys",
      description: "lists the names and ids of a merchant's API keys",
      arguments: [merchant],
      flags: pageFlags,
      request: (options, id) => ({ method: "GET", path: `/v1/merchants/${id}/api-keys`, query: pageQuery(options) }),
      text: page => pageText(page, columns, "none"),
    }),
    apiCommand<ApiKey & { key: string }>({
      name: "create-key",
      description: "creates an API key for a merchant, and shows it once",
      arguments: [merchant, { name: "<name>", description: "its purpose" }],
      request: (_, id, name) => ({ method: "POST", path: `/v1/merchants/${id}/api-keys`, body: { name } }),
      text: key => `${factsOf(key)}\n\nStore the key now: it is not shown again.`,
    }),
    apiCommand<null>({
      name: "delete-key",
      description: "deletes an API key: it stops working",
      arguments: [merchant, { name: "<key>", description: "its id (key_...)", parse: idOf("apiKey") }],
      request: (_, id, key) => ({ method: "DELETE", path: `/v1/merchants/${id}/api-keys/${key}` }),
      text: () => "deleted",
    }),
  ]);
}
