import type { Command } from "commander";
import type { ApiPage } from "../../api-client/client.ts";
import { finalStatuses, kindNames, statuses } from "../../domain/kinds.ts";
import { providers } from "../../providers/registry.ts";
import { apiCommand, commandGroup } from "../api-command.ts";
import { idOf, instantOf, jsonOf, pairsOf } from "../arguments.ts";
import { merchantFlag, pageFlags, pageQuery, pageText } from "../page.ts";
import { type Transaction, transactionColumns, transactionText } from "./transaction-text.ts";

const transaction = { name: "<transaction>", means: "its id (txn_...)", parse: idOf("transaction") };

/** `hakika transactions`: what became of the money. */
export function transactionsCommand(): Command {
  return commandGroup("transactions", "what became of the money", [
    apiCommand<ApiPage<Transaction>>({
      name: "list",
      means: "lists transactions, phones masked",
      examples: ["hakika transactions list --review true", "hakika transactions list --status unresolved --after 7d"],
      flags: [
        merchantFlag,
        { flags: "--status <status>", means: "in this status", choices: statuses },
        { flags: "--provider <provider>", means: "of this provider", choices: [...providers.keys()] },
        { flags: "--kind <kind>", means: "of this kind", choices: kindNames },
        { flags: "--connection <id>", means: "of this connection (con_...)" },
        { flags: "--reference <text>", means: "with this reference of the merchant's" },
        { flags: "--provider-ref <text>", means: "with this id of the provider's (a receipt, a checkout id)" },
        { flags: "--review <reason>", means: "in review for this reason (true: for any)" },
        { flags: "--after <time>", means: "created from then on: a time, or 2h, 7d", parse: instantOf },
        { flags: "--before <time>", means: "created before then", parse: instantOf },
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
          connection_id: o.connection,
          reference: o.reference,
          provider_ref: o.providerRef,
          review: o.review,
          created_after: o.after,
          created_before: o.before,
        },
      }),
      text: page => pageText(page, transactionColumns, "none"),
    }),
    apiCommand<Transaction>({
      name: "show",
      means: "shows one with everything learnt, decided and told of it",
      arguments: [transaction],
      request: (_, id) => ({ method: "GET", path: `/v1/transactions/${id}` }),
      text: transactionText,
    }),
    apiCommand<Transaction>({
      name: "create",
      means: "registers a transaction, before or after the provider calls back",
      examples: [
        "hakika transactions create --connection con_... --kind stk_push --ref checkout_request_id=ws_CO_... --amount 50.00",
      ],
      flags: [
        {
          flags: "--connection <id>",
          means: "at which connection (con_...)",
          required: true,
          parse: idOf("connection"),
        },
        { flags: "--kind <kind>", means: "what it is", choices: kindNames, required: true },
        { flags: "--ref <name=value>", means: "an id of the provider's (again for more)", parse: pairsOf },
        { flags: "--reference <text>", means: "your own" },
        { flags: "--amount <decimal>", means: "compared with what the provider says" },
        { flags: "--currency <code>", means: "ISO 4217" },
        { flags: "--phone <number>", means: "whose" },
        { flags: "--expires-at <time>", means: "ends it as expired, unless it ends before" },
        { flags: "--metadata <json>", means: "kept and shown, never looked at", parse: jsonOf },
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
        },
      }),
      text: transactionText,
    }),
    apiCommand<Transaction>({
      name: "poll",
      means: "asks the provider about it now",
      arguments: [transaction],
      request: (_, id) => ({ method: "POST", path: `/v1/transactions/${id}/poll` }),
      text: transactionText,
    }),
    apiCommand<Transaction>({
      name: "resolve",
      means: "decides it by an operator's word, which outranks all other evidence",
      arguments: [transaction],
      flags: [
        { flags: "--status <status>", means: "what became of it", choices: finalStatuses, required: true },
        { flags: "--note <text>", means: "why, for whoever asks later", required: true },
      ],
      request: ({ status, note }, id) => ({
        method: "POST",
        path: `/v1/transactions/${id}/resolve`,
        body: { status, note },
      }),
      text: transactionText,
    }),
  ]);
}
