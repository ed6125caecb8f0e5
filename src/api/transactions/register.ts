import { settleItem } from "../../settle/item.ts";
import { created, ok } from "../answer.ts";
import { visibleConnection } from "../connections/visible.ts";
import { conflict, notFound } from "../problem.ts";
import { route } from "../route.ts";
import { exampleId } from "../schemas/fields.ts";
import { rowJson } from "./from-row.ts";
import { readRegistration, registrationInput } from "./registration-input.ts";
import { findTransaction } from "./store.ts";
import { transactionSchema } from "./transaction-schema.ts";

export const registerTransaction = route({
  method: "POST",
  path: "/v1/transactions",
  tag: "Transactions",
  name: "registerTransaction",
  summary: "Register a transaction",
  description:
    "Before or after the provider calls back, in either order. 200 where the provider's reference is known already: what you say is matched against what was heard.",
  access: "any",
  body: registrationInput,
  example: {
    connection_id: exampleId("connection"),
    kind: "stk_push",
    provider_refs: { checkout_request_id: "ws_CO_181020252330001700000001" },
    reference: "ORDER-1",
    amount: "50.00",
    phone: "+254700000001",
    metadata: { basket: "17" },
  },
  answers: {
    201: { means: "Registered", schema: transactionSchema },
    200: { means: "It was known already", schema: transactionSchema },
  },
  problems: { 404: "There is no such connection.", 409: "This program no longer has the connection's provider." },
  async handle({ caller, body }, deps) {
    const connection = await visibleConnection(caller, body.connection_id, deps.db);
    if (connection.kind === "problem") return notFound("There is no connection with this connection_id.");
    const { shard, merchantId, provider: providerId } = connection.row;
    const provider = deps.providers.get(providerId);
    if (!provider) return conflict(`This program has no provider ${providerId}.`);
    const read = readRegistration(body, provider, deps.now());
    if (read.kind === "problem") return read;
    const opened = await deps.directory.byId(shard, body.connection_id);
    if (opened === null) return notFound("There is no connection with this connection_id.");
    const settled = await deps.settler.settle(shard, settleItem(opened, { registration: read.registration }));
    const row = await findTransaction(deps.db, settled.transactionIds[0]!, merchantId);
    return settled.created ? created(rowJson(row!)) : ok(rowJson(row!));
  },
});
