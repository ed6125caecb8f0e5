import { z } from "zod";
import { askAboutReceipt } from "../../books/lookups/ask.ts";
import { publicId } from "../../domain/ids.ts";
import { receiptOf } from "../../providers/kit/text.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { findConnection } from "../connections/store.ts";
import { conflict, notFound, throttled } from "../problem.ts";
import { accepted, ok } from "../response.ts";
import { route } from "../route.ts";
import { exampleId, idInput, idOutput, noControlCharacters } from "../schemas/fields.ts";
import { transactionSchema } from "../transactions/transaction-schema.ts";
import { transactionOfReceipt } from "./lookup-json.ts";

export const createLookup = route({
  method: "POST",
  path: "/v1/lookups",
  tag: "Books",
  name: "createLookup",
  summary: "Look a receipt up",
  description:
    'For a payer who says "I paid": a receipt that is known here is answered at once; else the provider is asked, ' +
    "and a payment to this connection's receiver becomes a transaction.",
  access: "any",
  scope: "register",
  body: z.strictObject({
    connection_id: idInput("connection"),
    receipt: z
      .string()
      .trim()
      .min(4)
      .max(100)
      .regex(noControlCharacters, "must not have control characters")
      .meta({ description: "In any letter case", examples: ["TJIKQ7V33N"] }),
  }),
  example: { connection_id: exampleId("connection"), receipt: "TJIKQ7V33N" },
  responses: {
    200: {
      description: "It is known here",
      schema: z.object({ state: z.literal("known"), transaction: transactionSchema }).meta({ id: "KnownReceipt" }),
    },
    202: {
      description: "The provider is asked",
      schema: z.object({ id: idOutput("lookup"), state: z.literal("asking") }).meta({ id: "AskedReceipt" }),
    },
  },
  problems: {
    404: "There is no such connection.",
    409: "The receipt is not known here, and the provider cannot be asked about it.",
    429: "The rate limit of calls to the provider is reached.",
  },
  async handle({ caller, body }, deps) {
    const row = await findConnection(deps.db, body.connection_id, merchantScope(caller));
    const connection = row && (await deps.directory.byId(row.shard, row.id));
    if (connection === null) return notFound("There is no connection with this connection_id.");
    const { shard, merchantId, id: connectionId } = connection;
    const receipt = receiptOf(body.receipt)!;
    const transaction = await transactionOfReceipt(deps, { shard, connectionId, merchantId, receipt });
    if (transaction !== null) return ok({ state: "known", transaction });
    const asked = await askAboutReceipt(deps.reconcile, connection, receipt);
    switch (asked.kind) {
      case "unsupported":
        return conflict(asked.detail);
      case "throttled":
        return throttled("The rate limit of calls to the provider is reached. Try again later.", asked.retryAfterS);
      case "asking": {
        const id = publicId("lookup", asked.id);
        if (asked.isNew) {
          const entry = { shard, merchantId, action: "receipt.looked_up", subject: id, detail: { receipt } } as const;
          await deps.db.transaction(tx => recordAudit(tx, caller, entry));
        }
        return accepted({ id, state: "asking" });
      }
    }
  },
});
