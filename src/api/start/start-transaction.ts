import { createHash } from "node:crypto";
import { publicId } from "../../domain/ids.ts";
import { canonicalJson } from "../../domain/json.ts";
import { kinds } from "../../domain/kinds.ts";
import { formatMoney } from "../../domain/money.ts";
import { maskPhone } from "../../domain/phone.ts";
import type { ProviderAccount } from "../../reconcile/calls/provider-account.ts";
import type { RegisteredBy, RegistrationRefusal } from "../../settle/item.ts";
import { claimKey, leaveWaiting, releaseKey } from "../../start/key-store.ts";
import { type Order, prepareOrder } from "../../start/order.ts";
import { runStart } from "../../start/run-start.ts";
import { askApproval } from "../approvals/ask.ts";
import { needsApproval } from "../approvals/bar.ts";
import { type Caller, registeredBy } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { stillRunning } from "../idempotency/run-once.ts";
import { conflict, invalid, noSuch, type ProblemDetails, typedConflict } from "../problem.ts";
import { type ApiResponse, accepted, created } from "../response.ts";
import { registrationDiffers } from "../transactions/registration-differs.ts";
import { findTransaction } from "../transactions/store.ts";
import { transactionRowJson } from "../transactions/transaction-json.ts";

/** A start call, checked. `sent`: its path and body, for the approval and the key's fingerprint. */
export type StartCallInput = {
  caller: Caller;
  key: string;
  account: ProviderAccount;
  order: Order;
  sent: { path: string; body: Record<string, unknown> };
};

/**
 * Starts a transaction, once for each `Idempotency-Key` of a merchant, for good. Nothing leaves before the key is
 * claimed, a second person has approved where one is needed, and the registration is committed.
 */
export async function startTransaction(input: StartCallInput, deps: ApiDeps): Promise<ApiResponse> {
  const { caller, key, account, order, sent } = input;
  const { shard, merchantId } = account.connection;
  const fingerprint = createHash("sha256")
    .update(canonicalJson([sent.path, sent.body]) ?? "")
    .digest();
  const claim = await claimKey(deps.sql, { shard, merchantId, key, fingerprint });
  switch (claim.kind) {
    case "other-order": {
      const message = "was used for another order: send the same path and body, or a new key";
      return invalid([{ path: "Idempotency-Key", message }]);
    }
    case "running":
      return stillRunning(claim.waitS);
    case "begun":
      return startedResponse(deps, claim.transactionId);
    case "waiting":
      return askSecondPerson(input, claim.startId, deps);
  }
  const { start } = claim;
  const prepared = await prepareOrder(deps, account, order, start.orderId);
  if (prepared.kind !== "prepared") {
    await releaseKey(deps.sql, start);
    return refusedBefore(prepared);
  }
  if (waitsForApproval(account, order)) {
    await leaveWaiting(deps.sql, start);
    return askSecondPerson(input, start.startId, deps);
  }
  const result = await runStart(deps.reconcile, account, start, prepared, registeredBy(caller));
  switch (result.kind) {
    case "refused":
      return refusedRegistration(result.refusal);
    case "lost":
      return stillRunning(1);
    case "started":
      return startedResponse(deps, result.transactionId);
  }
}

/** 201 once the provider has accepted or refused, 202 while it is not known. */
export async function startedResponse(deps: Pick<ApiDeps, "db" | "sql">, transactionId: string): Promise<ApiResponse> {
  const row = await findTransaction(deps.db, transactionId, null);
  if (row === null) return noSuch("transaction");
  const json = transactionRowJson(row, deps.sql.vault);
  return json.start?.state === "unknown" ? accepted(json) : created(json);
}

/** What keeps an order from being sent, found before anything was registered. */
export function refusedBefore(
  found: Exclude<Awaited<ReturnType<typeof prepareOrder>>, { kind: "prepared" }>,
): ProblemDetails {
  return found.kind === "off" ? conflict(found.detail) : invalid(found.problems);
}

/** 409 for an order that meets another one, or a registration that says something else. */
export function refusedRegistration(refusal: RegistrationRefusal): ProblemDetails {
  if (refusal.kind === "differs") return registrationDiffers(refusal);
  const id = publicId("transaction", refusal.transactionId);
  const detail =
    `${id} was started with this kind and reference and is unfinished. Nothing was sent. ` +
    'Wait for it, or send "again": true to start another one.';
  return typedConflict("already-started", detail, { transaction_id: id });
}

/** Money that goes out from the connection's bar on. */
function waitsForApproval({ connection }: ProviderAccount, { kind, amount }: Order): boolean {
  if (!isOutgoing(kind)) return false;
  const currency = amount?.currency ?? null;
  return needsApproval(connection.settings, { kind, amounts: [amount?.minor], currency });
}

function isOutgoing(kind: Order["kind"]): boolean {
  return kinds[kind].direction === "out";
}

/** The request of an approval: what `startApproved` needs. */
export type ApprovalRequest = StartCallInput["sent"] & { startId: string; by: RegisteredBy };

async function askSecondPerson(
  { caller, key, account, order, sent }: StartCallInput,
  startId: string,
  deps: ApiDeps,
): Promise<ApiResponse> {
  const { shard, merchantId, id } = account.connection;
  const { amount } = order;
  const request: ApprovalRequest = { ...sent, startId, by: registeredBy(caller) };
  const asked = await askApproval(
    caller,
    key,
    {
      action: "transaction.start",
      shard,
      merchantId,
      subject: publicId("connection", id),
      request,
      summary: summaryOf(order),
      amount: amount?.minor ?? null,
      currency: amount?.currency ?? null,
    },
    deps,
  );
  // Carried out between the look at the key and this one.
  return asked.kind === "waiting" ? asked.response : stillRunning(1);
}

function summaryOf({ kind, reference, amount, phone, account }: Order): string {
  const money = amount === null ? "" : ` of ${formatMoney(amount)} ${amount.currency}`;
  const to = [phone === null ? null : maskPhone(phone), account].filter(text => text !== null).join(", ");
  return `${kind}${money}${to === "" ? "" : ` to ${to}`}, reference ${reference}`;
}
