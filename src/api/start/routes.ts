import type { z } from "zod";
import { waitingSchema } from "../approvals/approval-json.ts";
import { merchantScope } from "../caller.ts";
import type { Route } from "../route.ts";
import { route } from "../route.ts";
import { exampleId } from "../schemas/fields.ts";
import { transactionSchema } from "../transactions/transaction-schema.ts";
import { readStart, type StartPath, startPaths } from "./read-start.ts";
import { reversalInput, startInput } from "./start-input.ts";
import { startTransaction } from "./start-transaction.ts";

type Words = { name: string; summary: string; example: Record<string, unknown> };

const connection = { connection_id: exampleId("connection") };
const words: Record<StartPath, Words> = {
  "/v1/payments": {
    name: "startPayment",
    summary: "Ask a customer to pay",
    example: { ...connection, kind: "stk_push", amount: "50.00", phone: "+254700000001", reference: "ORDER-1" },
  },
  "/v1/payouts": {
    name: "startPayout",
    summary: "Pay out",
    example: { ...connection, kind: "b2c", amount: "50.00", phone: "+254700000001", reference: "PAYOUT-1" },
  },
  "/v1/airtime": {
    name: "startAirtime",
    summary: "Send airtime or data",
    example: { ...connection, kind: "airtime", amount: "50.00", phone: "+254700000001", reference: "AIRTIME-1" },
  },
  "/v1/bills": {
    name: "startBill",
    summary: "Pay a bill",
    example: { ...connection, amount: "50.00", account: "37140912345", reference: "BILL-1" },
  },
  "/v1/messages": {
    name: "startMessage",
    summary: "Send a message",
    example: { ...connection, kind: "sms", phone: "+254700000001", description: "Paid.", reference: "SMS-1" },
  },
  "/v1/reversals": {
    name: "startReversal",
    summary: "Reverse a payment",
    example: { transaction_id: exampleId("transaction"), reference: "RETURN-1" },
  },
};

/** The calls that start transactions. */
export const startRoutes: Route[] = (Object.keys(startPaths) as StartPath[]).map(startRoute);

function startRoute(path: StartPath): Route {
  const body: z.ZodType = path === "/v1/reversals" ? reversalInput : startInput(startPaths[path]);
  return route({
    method: "POST",
    path,
    tag: "Starting",
    ...words[path],
    description:
      "Registers the transaction and commits, then makes one call to the provider, never a second one. " +
      "The same `Idempotency-Key` and body answer with the same transaction, as it is by then, for good.",
    access: "any",
    scope: "start",
    idempotency: "for good",
    body,
    responses: {
      201: { description: "The provider accepted or refused it (`start.state`)", schema: transactionSchema },
      202: {
        description: "No answer came (`start.state` is `unknown`), or a second person has to approve it first",
        schema: transactionSchema.or(waitingSchema),
      },
    },
    problems: {
      404: "There is no such connection, or no such transaction to reverse.",
      409:
        "`already-started`: an unfinished transaction of this kind and reference was started before. Or a " +
        "registration says something else, a credential for the call is missing, or the approval was rejected.",
    },
    async handle({ caller, idempotencyKey, sent }, deps) {
      const read = await readStart(path, sent, merchantScope(caller), deps);
      if (read.kind === "problem") return read;
      const { account, order } = read;
      return startTransaction({ caller, key: idempotencyKey!, account, order, sent: { path, body: sent } }, deps);
    },
  });
}
