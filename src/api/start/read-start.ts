import { publicId } from "../../domain/ids.ts";
import type { Kind } from "../../domain/kinds.ts";
import type { ProviderAccount } from "../../reconcile/calls/provider-account.ts";
import type { Order } from "../../start/order.ts";
import { check } from "../check.ts";
import type { ApiDeps } from "../deps.ts";
import { conflict, invalid, notFound, type ProblemDetails } from "../problem.ts";
import { findTransaction } from "../transactions/store.ts";
import { type Reversed, readOrder } from "./read-order.ts";
import { startAccount } from "./start-account.ts";
import { type ReversalInput, reversalInput, type StartInput, startInput } from "./start-input.ts";

/** The calls that start transactions, with the kinds that each starts. */
export const startPaths = {
  "/v1/payments": ["stk_push", "checkout", "payment"],
  "/v1/payouts": ["b2c", "b2b", "mobile_payout", "bank_payout", "upi"],
  "/v1/airtime": ["airtime", "pin_airtime", "data_bundle"],
  "/v1/bills": ["bill"],
  "/v1/messages": ["sms", "email"],
  "/v1/reversals": ["reversal"],
} as const satisfies Record<string, readonly [Kind, ...Kind[]]>;
export type StartPath = keyof typeof startPaths;

export type ReadStart = { kind: "read"; account: ProviderAccount; order: Order } | ProblemDetails;

/** Reads the body of a start call, as it was sent, of a merchant (null: any). */
export async function readStart(
  path: string,
  body: Record<string, unknown>,
  merchantId: string | null,
  deps: ApiDeps,
): Promise<ReadStart> {
  if (path === "/v1/reversals") {
    const read = check(reversalInput, body);
    return read.kind === "problem" ? read : readReversal(read.value, merchantId, deps);
  }
  const kinds = startPaths[path as StartPath];
  const read = check(startInput(kinds), body);
  if (read.kind === "problem") return read;
  const input: StartInput = read.value;
  const found = await startAccount(deps, input.connection_id, merchantId);
  if (found.kind === "problem") return found;
  const order = readOrder(input, found.account, kinds, { now: deps.now(), reversed: null });
  return order.kind === "problem" ? order : { kind: "read", account: found.account, order: order.order };
}

async function readReversal(input: ReversalInput, merchantId: string | null, deps: ApiDeps): Promise<ReadStart> {
  const row = await findTransaction(deps.db, input.transaction_id, merchantId);
  if (row === null) return notFound("There is no transaction with this transaction_id.");
  const id = publicId("transaction", row.id);
  if (input.connection_id && input.connection_id !== row.connectionId) {
    return invalid([{ path: "connection_id", message: `is not the connection of ${id}: leave it out` }]);
  }
  if (row.status !== "completed") return conflict(`${id} is ${row.status}: only a completed payment can be reversed.`);
  const found = await startAccount(deps, row.connectionId, merchantId);
  if (found.kind === "problem") return found;
  const reversed: Reversed = {
    refs: row.providerRefs,
    amount: row.amount === null ? null : { minor: row.amount - row.refundedAmount, currency: row.currency! },
    reference: input.reference ?? id,
  };
  const typed = { ...input, reference: reversed.reference };
  const order = readOrder(typed, found.account, startPaths["/v1/reversals"], { now: deps.now(), reversed });
  return order.kind === "problem" ? order : { kind: "read", account: found.account, order: order.order };
}
