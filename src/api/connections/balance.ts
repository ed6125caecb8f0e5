import { z } from "zod";
import { newUuid, publicId } from "../../domain/ids.ts";
import { formatSigned } from "../../domain/money.ts";
import { callProvider } from "../../reconcile/calls/call-provider.ts";
import { settleItem } from "../../settle/item.ts";
import { merchantScope } from "../caller.ts";
import { conflict } from "../problem.ts";
import { accepted } from "../response.ts";
import { route } from "../route.ts";
import { exampleId, idOutput, timeOutput } from "../schemas/fields.ts";
import { callableConnection, callProblem, lacksCredentials } from "./provider-call.ts";

const balanceSchema = z
  .object({
    connection_id: idOutput("connection"),
    state: z
      .enum(["asked", "told"])
      .meta({ description: "`asked`: the answer comes by callback", examples: ["asked"] }),
    balance: z
      .object({
        amount: z.string().meta({ examples: ["46713.00"] }),
        currency: z.string().meta({ examples: ["KES"] }),
        at: timeOutput,
      })
      .nullable()
      .meta({ description: "Where the provider told it at once" }),
  })
  .meta({ id: "AskedBalance", example: { connection_id: exampleId("connection"), state: "asked", balance: null } });

export const askBalance = route({
  method: "POST",
  path: "/v1/connections/{id}/balance",
  tag: "Connections",
  name: "askBalance",
  summary: "Ask the provider for the account's balance",
  description: "The result shows as `balance` of `GET /v1/connections/{id}/health`, at once or when the callback came.",
  access: "any",
  scope: "start",
  ids: { id: "connection" },
  responses: { 202: { description: "The provider was asked", schema: balanceSchema } },
  problems: {
    409: "The provider has no such call or refused it, or a credential for it is missing.",
    429: "The provider limits calls: wait.",
    503: "The provider did not respond.",
  },
  async handle({ caller, ids }, deps) {
    const found = await callableConnection(deps, ids.id, merchantScope(caller));
    if (found.kind === "problem") return found;
    const { account, context, row } = found;
    const call = account.provider.balance;
    if (!call) return conflict(`${account.provider.name} has no call for the account's balance.`);
    const lacking = lacksCredentials("The balance", call.credentials, found);
    if (lacking !== null) return lacking;
    const answer = await callProvider(deps.reconcile, account, context, send => call.run(context, send));
    const connection_id = publicId("connection", row.id);
    if (answer.kind === "asked") return accepted({ connection_id, state: "asked", balance: null });
    if (answer.kind !== "told") return callProblem("Balance", answer);
    const { amount, at } = answer.balance;
    const told = { id: newUuid(row.shard), connectionId: row.id, amount, at, change: null, learntAt: at };
    await deps.settler.settle(row.shard, settleItem(account.connection, { balances: [told] }));
    const balance = { amount: formatSigned(amount.minor, amount.currency), currency: amount.currency };
    return accepted({ connection_id, state: "told", balance: { ...balance, at: at.toISOString() } });
  },
});
