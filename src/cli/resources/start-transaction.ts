import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import type { TransactionJson } from "../../domain/transaction-json.ts";
import { apiCommand, type Flag } from "../api-command.ts";
import { idOf, jsonOf, pairsOf } from "../arguments.ts";
import { factsOf } from "../table.ts";
import { transactionText } from "./transaction-text.ts";

type Started = TransactionJson | { approval: { id: string; state: string; expires_at: string } };

const exitCodes = { accepted: 0, refused: 1, unknown: 3 } as const;

const shared: Flag[] = [
  { flags: "--amount <amount>", description: "decimal text, such as 50.00" },
  { flags: "--currency <code>", description: "ISO 4217; the provider's own where it has one" },
  { flags: "--description <text>", description: "the remarks, or a message's text" },
  {
    flags: "--option <name=value>",
    description: "a field of the provider's own; repeat it for several (GET /v1/providers lists them)",
    parse: pairsOf,
  },
  { flags: "--metadata <json>", description: "any JSON object of yours", parse: jsonOf },
  { flags: "--again", description: "although one of the same kind and reference is unfinished" },
  {
    flags: "--idempotency-key <key>",
    description: "one for each order, the same for each attempt at it; a new one where left out",
  },
];

const toWhom: Flag[] = [
  { flags: "--connection <id>", description: "its connection (con_...)", required: true, parse: idOf("connection") },
  { flags: "--kind <kind>", description: "which of the provider's; may be left out where there is one" },
  { flags: "--phone <phone>", description: "the wallet that pays or is paid" },
  { flags: "--account <account>", description: "the other side's account, recipient or e-mail address" },
  { flags: "--reference <text>", description: "your own", required: true },
];

/** `hakika start payment` and its like, by the calls of the same names. */
export function startTransactionCommands(): Command[] {
  return [
    command("payment", "/v1/payments", "asks a customer to pay", toWhom),
    command("payout", "/v1/payouts", "pays out", toWhom),
    command("airtime", "/v1/airtime", "sends airtime or data", toWhom),
    command("bill", "/v1/bills", "pays a bill", toWhom),
    command("message", "/v1/messages", "sends a message", toWhom),
    command("reversal", "/v1/reversals", "gives a payment back", [
      {
        flags: "--transaction <id>",
        description: "the completed payment (txn_...)",
        required: true,
        parse: idOf("transaction"),
      },
      { flags: "--reference <text>", description: "your own" },
    ]),
  ];
}

function command(name: string, path: string, description: string, flags: Flag[]): Command {
  return apiCommand<Started>({
    name,
    description: `${description}; exit code 0 accepted, 1 refused, 3 not known yet`,
    flags: [...flags, ...shared],
    request: o => ({
      method: "POST",
      path,
      headers: { "idempotency-key": o.idempotencyKey ?? randomUUID() },
      body: {
        ...(o.connection && { connection_id: o.connection }),
        ...(o.transaction && { transaction_id: o.transaction }),
        ...(o.kind && { kind: o.kind }),
        ...(o.amount && { amount: o.amount }),
        ...(o.currency && { currency: o.currency }),
        ...(o.phone && { phone: o.phone }),
        ...(o.account && { account: o.account }),
        ...(o.reference && { reference: o.reference }),
        ...(o.description && { description: o.description }),
        ...(o.option && { options: o.option }),
        ...(o.metadata && { metadata: o.metadata }),
        ...(o.again && { again: true }),
      },
    }),
    text: startedText,
    exitCode: started => ("approval" in started ? exitCodes.unknown : exitCodes[started.start?.state ?? "unknown"]),
  });
}

function startedText(started: Started): string {
  if ("approval" in started) {
    const { id, expires_at } = started.approval;
    return factsOf({ approval: id, state: "a second person has to approve it; nothing was sent", until: expires_at });
  }
  const { start } = started;
  const facts = factsOf({
    start: start?.state,
    "provider's words": start?.provider_message,
    "send the payer to": start?.redirect_url,
  });
  return `${facts}\n${transactionText(started)}`;
}
