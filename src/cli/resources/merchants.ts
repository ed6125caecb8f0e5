import type { Command } from "commander";
import type { ApiPage } from "../../api-client/client.ts";
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
const merchant = { name: "<merchant>", means: "its id (mer_...)", parse: idOf("merchant") };

/** `hakika merchants`: who is paid, and their keys to the API. */
export function merchantsCommand(): Command {
  return commandGroup("merchants", "who is paid, and their keys to the API", [
    apiCommand<ApiPage<Merchant>>({
      name: "list",
      means: "lists merchants",
      flags: pageFlags,
      request: options => ({ method: "GET", path: "/v1/merchants", query: pageQuery(options) }),
      text: page => pageText(page, columns, 'none yet: hakika merchants create "My shop"'),
    }),
    apiCommand<Merchant>({
      name: "show",
      means: "shows one merchant",
      arguments: [merchant],
      request: (_, id) => ({ method: "GET", path: `/v1/merchants/${id}` }),
      text: m => factsOf(m),
    }),
    apiCommand<Merchant>({
      name: "create",
      means: "makes a merchant",
      examples: ['hakika merchants create "My shop"'],
      arguments: [{ name: "<name>", means: "what people call it" }],
      request: (_, name) => ({ method: "POST", path: "/v1/merchants", body: { name } }),
      text: m => `${factsOf(m)}\n\nNext: hakika merchants create-key ${m.id} "my server"`,
    }),
    apiCommand<ApiPage<ApiKey>>({
      name: "keys",
      means: "lists a merchant's API keys, without the keys",
      arguments: [merchant],
      flags: pageFlags,
      request: (options, id) => ({ method: "GET", path: `/v1/merchants/${id}/api-keys`, query: pageQuery(options) }),
      text: page => pageText(page, columns, "none"),
    }),
    apiCommand<ApiKey & { key: string }>({
      name: "create-key",
      means: "makes an API key for a merchant and shows it, this once",
      arguments: [merchant, { name: "<name>", means: "what it is for" }],
      request: (_, id, name) => ({ method: "POST", path: `/v1/merchants/${id}/api-keys`, body: { name } }),
      text: key => `${factsOf(key)}\n\nKeep the key now: it is not shown again.`,
    }),
    apiCommand<null>({
      name: "delete-key",
      means: "deletes an API key: it no longer opens anything",
      arguments: [merchant, { name: "<key>", means: "its id (key_...)", parse: idOf("apiKey") }],
      request: (_, id, key) => ({ method: "DELETE", path: `/v1/merchants/${id}/api-keys/${key}` }),
      text: () => "deleted",
    }),
  ]);
}
