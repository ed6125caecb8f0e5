import type { Command } from "commander";
import type { ApiPage } from "../../api-client/client.ts";
import { providers } from "../../providers/registry.ts";
import { apiCommand, commandGroup } from "../api-command.ts";
import { idOf, integerOf, jsonOf, pairsOf } from "../arguments.ts";
import { merchantFlag, pageFlags, pageQuery, pageText } from "../page.ts";
import { readableTime } from "../readable.ts";
import { factsOf } from "../table.ts";

type Connection = {
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

const connection = { name: "<connection>", means: "its id (con_...)", parse: idOf("connection") };
const secondsMax = 366 * 86_400;
const overlap = {
  flags: "--overlap <seconds>",
  means: "older tokens live so long (0: they die at once; left out: they live on)",
  parse: integerOf(0, secondsMax),
};

/** `hakika connections`: a merchant's accounts at providers. */
export function connectionsCommand(): Command {
  return commandGroup("connections", "a merchant's accounts at providers, with their callback URLs", [
    apiCommand<ApiPage<Connection>>({
      name: "list",
      means: "lists connections",
      flags: [
        merchantFlag,
        { flags: "--provider <provider>", means: "at this provider", choices: [...providers.keys()] },
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
    }),
    apiCommand<Connection>({
      name: "show",
      means: "shows one connection, and the URLs to give to its provider (they are secrets)",
      arguments: [connection],
      request: (_, id) => ({ method: "GET", path: `/v1/connections/${id}` }),
      text: connectionText,
    }),
    apiCommand<Connection>({
      name: "create",
      means: "connects a merchant to a provider",
      examples: [
        "hakika connections create --merchant mer_... --provider daraja --environment sandbox \\",
        "    --credential consumer_key=... --credential consumer_secret=... --credential shortcode=174379 --credential passkey=...",
      ],
      flags: [
        { ...merchantFlag, means: "whose account it is (mer_...)", required: true, parse: idOf("merchant") },
        { flags: "--provider <provider>", means: "where", choices: [...providers.keys()], required: true },
        {
          flags: "--environment <name>",
          means: "which of the provider's",
          choices: ["sandbox", "production"],
          required: true,
        },
        { flags: "--name <name>", means: "what people call it" },
        { flags: "--base-url <url>", means: "instead of the provider's own host" },
        {
          flags: "--credential <name=value>",
          means: "one of the provider's credentials (again for more)",
          parse: pairsOf,
        },
        { flags: "--verification <json>", means: "how callbacks are verified", parse: jsonOf },
        { flags: "--settings <json>", means: "settle_on, c2b_validation, ussd, reconcile, ...", parse: jsonOf },
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
      text: c => `${connectionText(c)}\n\nKeep the forward secret now: it is not shown again.`,
    }),
    apiCommand<Connection>({
      name: "rotate-token",
      means: "gives a connection new callback URLs",
      arguments: [connection],
      flags: [overlap],
      request: (options, id) => ({
        method: "POST",
        path: `/v1/connections/${id}/rotate-token`,
        body: { overlap_s: options.overlap },
      }),
      text: connectionText,
    }),
    apiCommand<{ registered: Record<string, string>; detail: string }>({
      name: "register",
      means: "registers the callback URLs at the provider, where it has a call for that",
      arguments: [connection],
      request: (_, id) => ({ method: "POST", path: `/v1/connections/${id}/register` }),
      text: ({ detail, registered }) => `${detail}\n${factsOf(registered)}`,
    }),
    apiCommand<null>({
      name: "delete",
      means: "deletes a connection: its callback URLs answer 404",
      arguments: [connection],
      request: (_, id) => ({ method: "DELETE", path: `/v1/connections/${id}` }),
      text: () => "deleted",
    }),
  ]);
}

function connectionText({ callback_urls, created_at, ...rest }: Connection): string {
  const facts = factsOf({ ...rest, created: readableTime(created_at) });
  return `${facts}\n\nCallback URLs to give to the provider:\n${factsOf(callback_urls)}`;
}
