import { publicId } from "../../domain/ids.ts";
import { countryOf } from "../../providers/kit/country.ts";
import { currencyOf } from "../../providers/names.ts";
import { settleItem } from "../../settle/item.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope, registeredBy } from "../caller.ts";
import { findConnection } from "../connections/store.ts";
import { conflict, notFound } from "../problem.ts";
import { created, ok } from "../response.ts";
import { route } from "../route.ts";
import { exampleId } from "../schemas/fields.ts";
import { auditedAmendment } from "./audited-registration.ts";
import { registrationDiffers } from "./registration-differs.ts";
import { readRegistration, registrationInput } from "./registration-input.ts";
import { findTransaction } from "./store.ts";
import { transactionRowJson } from "./transaction-json.ts";
import { transactionSchema } from "./transaction-schema.ts";

/** Of phones without a country code, where the connection names no country. */
const homeCountry = "KE";

export const registerTransaction = route({
  method: "POST",
  path: "/v1/transactions",
  tag: "Transactions",
  name: "registerTransaction",
  summary: "Register a transaction",
  description:
    "Before or after the provider's callback. Responds with 200 where the provider's reference is known already; " +
    "the registration is then matched with the evidence. One that says another amount, currency, reference or phone " +
    "than the registration it meets changes nothing, unless `amend` is true and the transaction is unfinished.",
  access: "any",
  scope: "register",
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
  responses: {
    201: { description: "Registered", schema: transactionSchema },
    200: { description: "Registered before, or known from a callback", schema: transactionSchema },
  },
  problems: {
    404: "There is no such connection.",
    409:
      "`registration-differs`: it says something else than the registration of `transaction_id`. Or: this version of " +
      "Hakika does not know the connection's provider.",
  },
  async handle({ caller, body }, deps) {
    const row = await findConnection(deps.db, body.connection_id, merchantScope(caller));
    const connection = row && (await deps.directory.byId(row.shard, row.id));
    if (connection === null) return notFound("There is no connection with this connection_id.");
    const { shard, merchantId } = connection;
    const provider = deps.providers.get(connection.provider);
    if (!provider) return conflict(`This version of Hakika does not know the provider ${connection.provider}.`);
    const currency = currencyOf(provider, connection);
    const country = countryOf(connection, homeCountry);
    const context = { provider, providers: deps.providers, currency, country, now: deps.now() };
    const read = readRegistration(body, context);
    if (read.kind === "problem") return read;
    const { registration } = read;
    const item = settleItem(connection, { registration, by: registeredBy(caller), amend: body.amend ?? false });
    const settled = await deps.settler.settle(shard, item);
    if (settled.refusal?.kind === "differs") return registrationDiffers(settled.refusal);
    const transactionId = settled.transactionIds[0]!;
    if (settled.amended) {
      const subject = publicId("transaction", transactionId);
      const changed = auditedAmendment(settled.amended, registration);
      const entry = { shard, merchantId, action: "transaction.amended", subject, ...changed } as const;
      await deps.db.transaction(tx => recordAudit(tx, caller, entry));
    }
    const transaction = await findTransaction(deps.db, transactionId, merchantId);
    return settled.created
      ? created(transactionRowJson(transaction!, deps.sql.vault))
      : ok(transactionRowJson(transaction!, deps.sql.vault));
  },
});
