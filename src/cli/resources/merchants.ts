import type { Command } from "commander";
import { scopes } from "../../api/caller.ts";
import type { ResultPage } from "../api-client.ts";
import { apiCommand, commandGroup } from "../api-command.ts";
import { collect, idOf, instantOf } from "../arguments.ts";
import { pageFlags, pageQuery, pageText } from "../page.ts";
import { readableTime } from "../readable.ts";
import { factsOf, type TableColumn } from "../table.ts";

type Merchant = { id: string; name: string; created_at: string };
type ApiKey = Merchant & { scopes: string[]; expires_at: string | null; last_used_at: string | null };

const columns: readonly TableColumn<Merchant>[] = [
  { heading: "ID", of: m => m.id },
  { heading: "NAME", of: m => m.name },
  { heading: "CREATED (UTC)", of: m => readableTime(m.created_at) },
];
const keyColumns: readonly TableColumn<ApiKey>[] = [
  { heading: "ID", of: k => k.id },
  { heading: "NAME", of: k => k.name },
  { heading: "SCOPES", of: k => k.scopes },
  { heading: "EXPIRES (UTC)", of: k => k.expires_at && readableTime(k.expires_at) },
  { heading: "LAST USED (UTC)", of: k => k.last_used_at && readableTime(k.last_used_at) },
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
      description: "lists a merchant's API keys: what they may do, and when they were last used",
      arguments: [merchant],
      flags: pageFlags,
      request: (options, id) => ({ method: "GET", path: `/v1/merchants/${id}/api-keys`, query: pageQuery(options) }),
      text: page => pageText(page, keyColumns, "none"),
    }),
    apiCommand<ApiKey & { key: string }>({
      name: "create-key",
      description: "creates an API key for a merchant, and shows it once",
      arguments: [merchant, { name: "<name>", description: "its purpose" }],
      examples: ['hakika merchants create-key mer_... "shop server" --scope read --scope register'],
      flags: [
        {
          flags: "--scope <scope>",
          description: `may be repeated: ${scopes.join(", ")}; all by default`,
          parse: collect,
        },
        { flags: "--expires <time>", description: "when it stops working; never by default", parse: instantOf },
      ],
      request: ({ scope, expires }, id, name) => ({
        method: "POST",
        path: `/v1/merchants/${id}/api-keys`,
        body: { name, scopes: scope, expires_at: expires },
      }),
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
