import type { Command } from "commander";
import { environments, finalStatuses, kindNames, statuses } from "../../domain/kinds.ts";
import { providers } from "../../providers/registry.ts";
import type { ResultPage } from "../api-client.ts";
import { type ApiCommand, apiCommand, commandGroup } from "../api-command.ts";
import { idOf, instantOf, jsonOf, pairsOf } from "../arguments.ts";
import { merchantFlag, pageFlags, pageQuery, pageText } from "../page.ts";
import { type ShownTransaction, transactionColumns, transactionText } from "./transaction-text.ts";

const transaction = { name: "<transaction>", description: "its id (txn_...)", parse: idOf("transaction") };

/** `hakika transactions`: payments and their status. */
export function transactionsCommand(): Command {
  return commandGroup("transactions", "payments, payouts, airtime, bills and messages, with their status", [
    apiCommand(list),
    apiCommand(show),
    apiCommand(create),
    apiCommand(poll),
    apiCommand(resolve),
  ]);
}

const list: ApiCommand<ResultPage<ShownTransaction>> = {
  name: "list",
  description: "lists transactions, with masked phones",
  examples: ["hakika transactions list --review true", "hakika transactions list --status unresolved --after 7d"],
  flags: [
    merchantFlag,
    { flags: "--status <status>", description: "with this status", choices: statuses },
    { flags: "--provider <provider>", description: "at this provider", choices: [...providers.keys()] },
    { flags: "--kind <kind>", description: "of this kind", choices: kindNames },
    { flags: "--environment <name>", description: "of connections of this environment", choices: environments },
    { flags: "--connection <id>", description: "of this connection (con_...)" },
    { flags: "--reference <text>", description: "with this reference of the merchant's" },
    { flags: "--provider-ref <text>", description: "with this id of the provider's (a receipt, a checkout id)" },
    { flags: "--review <reason>", description: "in review for this reason (true: for any reason)" },
    { flags: "--after <time>", description: "created at this time or later: a time, or 2h, 7d", parse: instantOf },
    { flags: "--before <time>", description: "created before this time", parse: instantOf },
    ...pageFlags,
  ],
  request: o => ({
    method: "GET",
    path: "/v1/transactions",
    query: {
      ...pageQuery(o),
      status: o.status,
      provider: o.provider,
      kind: o.kind,
      environment: o.environment,
      connection_id: o.connection,
      reference: o.reference,
      provider_ref: o.providerRef,
      review: o.review,
      created_after: o.after,
      created_before: o.before,
    },
  }),
  text: page => pageText(page, transactionColumns, "none"),
};

const show: ApiCommand<ShownTransaction> = {
  name: "show",
  description: "shows a transaction with its registrations, polls, evidence, decisions and events",
  arguments: [transaction],
  request: (_, id) => ({ method: "GET", path: `/v1/transactions/${id}` }),
  text: transactionText,
};

const create: ApiCommand<ShownTransaction> = {
  name: "create",
  description: "registers a transaction, before or after the provider's callback",
  examples: [
    "hakika transactions create --connection con_... --kind stk_push \\",
    "    --ref checkout_request_id=ws_CO_... --amount 50.00",
  ],
  flags: [
    {
      flags: "--connection <id>",
      description: "its connection (con_...)",
      required: true,
      parse: idOf("connection"),
    },
    { flags: "--kind <kind>", description: "its kind", choices: kindNames, required: true },
    { flags: "--ref <name=value>", description: "an id of the provider's (may be repeated)", parse: pairsOf },
    { flags: "--reference <text>", description: "your own reference" },
    { flags: "--amount <decimal>", description: "compared with the amount that the provider reports" },
    { flags: "--currency <code>", description: "ISO 4217 code" },
    { flags: "--phone <number>", description: "the customer's phone" },
    { flags: "--expires-at <time>", description: "when it expires, unless it is final by then" },
    { flags: "--amend", description: "replaces what was registered before, while it is unfinished" },
    { flags: "--metadata <json>", description: "any JSON of yours; stored and shown", parse: jsonOf },
  ],
  request: o => ({
    method: "POST",
    path: "/v1/transactions",
    body: {
      connection_id: o.connection,
      kind: o.kind,
      provider_refs: o.ref,
      reference: o.reference,
      amount: o.amount,
      currency: o.currency,
      phone: o.phone,
      expires_at: o.expiresAt,
      metadata: o.metadata,
      amend: o.amend,
    },
  }),
  text: transactionText,
};

const poll: ApiCommand<ShownTransaction> = {
  name: "poll",
  description: "polls the provider now",
  arguments: [transaction],
  request: (_, id) => ({ method: "POST", path: `/v1/transactions/${id}/poll` }),
  text: transactionText,
};

const resolve: ApiCommand<ShownTransaction> = {
  name: "resolve",
  description: "decides the status as an operator, above all other evidence",
  arguments: [transaction],
  flags: [
    { flags: "--status <status>", description: "the final status", choices: finalStatuses, required: true },
    { flags: "--note <text>", description: "the reason, shown in the timeline", required: true },
    { flags: "--amount <decimal>", description: "what was really paid, where it differs from the amount shown" },
  ],
  request: ({ status, note, amount }, id) => ({
    method: "POST",
    path: `/v1/transactions/${id}/resolve`,
    body: { status, note, amount },
  }),
  text: transactionText,
};
