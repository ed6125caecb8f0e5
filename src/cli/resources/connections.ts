import type { Command } from "commander";
import { providers } from "../../providers/registry.ts";
import type { ResultPage } from "../api-client.ts";
import { type ApiCommand, apiCommand, commandGroup } from "../api-command.ts";
import { idOf, integerOf, jsonOf, pairsOf } from "../arguments.ts";
import { merchantFlag, pageFlags, pageQuery, pageText } from "../page.ts";
import { readableTime } from "../readable.ts";
import { factsOf } from "../table.ts";
import { unreachableNote } from "./unreachable-note.ts";

type ListedConnection = {
  id: string;
  merchant_id: string;
  provider: string;
  name: string;
  environment: string;
  base_url: string | null;
  callback_urls: Record<string, string>;
  credentials: string[];
  verification: unknown;
  settings: unknown;
  created_at: string;
  forward_secret?: string;
};

const connection = { name: "<connection>", description: "its id (con_...)", parse: idOf("connection") };
const secondsMax = 366 * 86_400;

/** `hakika connections`: a merchant's accounts at providers. */
export function connectionsCommand(): Command {
  return commandGroup("connections", "merchants' accounts at providers, with their callback URLs", [
    apiCommand(list),
    apiCommand(show),
    apiCommand(create),
    apiCommand(rotateToken),
    apiCommand(register),
    apiCommand(remove),
  ]);
}

const list: ApiCommand<ResultPage<ListedConnection>> = {
  name: "list",
  description: "lists connections",
  flags: [
    merchantFlag,
    { flags: "--provider <provider>", description: "at this provider", choices: [...providers.keys()] },
    ...pageFlags,
  ],
  request: options => ({
    method: "GET",
    path: "/v1/connections",
    query: { ...pageQuery(options), provider: options.provider },
  }),
  text: page =>
    pageText(
      page,
      [
        { heading: "ID", of: c => c.id },
        { heading: "PROVIDER", of: c => c.provider },
        { heading: "ENVIRONMENT", of: c => c.environment },
        { heading: "NAME", of: c => c.name },
        { heading: "MERCHANT", of: c => c.merchant_id },
      ],
      "none: hakika connections create --help",
    ),
};

const show: ApiCommand<ListedConnection> = {
  name: "show",
  description: "shows a connection, and the URLs to give to its provider (they are secrets)",
  arguments: [connection],
  request: (_, id) => ({ method: "GET", path: `/v1/connections/${id}` }),
  text: connectionText,
};

const create: ApiCommand<ListedConnection> = {
  name: "create",
  description: "connects a merchant to a provider",
  examples: [
    "hakika connections create --merchant mer_... --provider daraja --environment sandbox \\",
    "    --credential consumer_key=... --credential consumer_secret=... \\",
    "    --credential shortcode=174379 --credential passkey=...",
  ],
  flags: [
    { ...merchantFlag, description: "its merchant (mer_...)", required: true, parse: idOf("merchant") },
    { flags: "--provider <provider>", description: "its provider", choices: [...providers.keys()], required: true },
    {
      flags: "--environment <name>",
      description: "the provider's environment",
      choices: ["sandbox", "production"],
      required: true,
    },
    { flags: "--name <name>", description: "a name for people" },
    { flags: "--base-url <url>", description: "instead of the provider's own host" },
    {
      flags: "--credential <name=value>",
      description: "one of the provider's credentials (may be repeated)",
      parse: pairsOf,
    },
    { flags: "--verification <json>", description: "how callbacks are verified", parse: jsonOf },
    { flags: "--settings <json>", description: "settle_on, c2b_validation, ussd, reconcile, ...", parse: jsonOf },
  ],
  request: ({ merchant, provider, environment, name, baseUrl, credential, verification, settings }) => ({
    method: "POST",
    path: "/v1/connections",
    body: {
      merchant_id: merchant,
      provider,
      environment,
      name,
      base_url: baseUrl,
      credentials: credential,
      verification,
      settings,
    },
  }),
  text: c => `${connectionText(c)}\n\nStore the forward secret now: it is not shown again.${unreachableNote(c)}`,
};

const rotateToken: ApiCommand<ListedConnection> = {
  name: "rotate-token",
  description: "gives a connection new callback URLs",
  arguments: [connection],
  flags: [
    {
      flags: "--overlap <seconds>",
      description: "older URLs work for so long (0: they stop at once; without the flag: they work on)",
      parse: integerOf(0, secondsMax),
    },
  ],
  request: (options, id) => ({
    method: "POST",
    path: `/v1/connections/${id}/rotate-token`,
    body: { overlap_s: options.overlap },
  }),
  text: connectionText,
};

const register: ApiCommand<{ registered: Record<string, string>; detail: string }> = {
  name: "register",
  description: "registers the callback URLs at the provider, where the provider has a call for it",
  arguments: [connection],
  request: (_, id) => ({ method: "POST", path: `/v1/connections/${id}/register` }),
  text: ({ detail, registered }) => `${detail}\n${factsOf(registered)}`,
};

const remove: ApiCommand<null> = {
  name: "delete",
  description: "deletes a connection: its callback URLs respond with 404",
  arguments: [connection],
  request: (_, id) => ({ method: "DELETE", path: `/v1/connections/${id}` }),
  text: () => "deleted",
};

function connectionText({ callback_urls, created_at, ...rest }: ListedConnection): string {
  const facts = factsOf({ ...rest, created: readableTime(created_at) });
  return `${facts}\n\nCallback URLs to give to the provider:\n${factsOf(callback_urls)}`;
}
