import type { ProviderAccount } from "../reconcile/calls/provider-account.ts";
import type { RegisteredBy, RegistrationRefusal } from "../settle/item.ts";
import { settleItem } from "../settle/item.ts";
import { callForStart } from "./call-for-start.ts";
import { type ClaimedStart, releaseKey } from "./key-store.ts";
import type { PreparedOrder } from "./order.ts";
import { recordOutcome } from "./record-outcome.ts";
import type { StartDeps } from "./start-deps.ts";

type Prepared = Extract<PreparedOrder, { kind: "prepared" }>;

export type StartResult =
  /** It was registered, and the call was made. What became of it is in the transaction. */
  | { kind: "started"; transactionId: string }
  /** Nothing was sent, and the key may be used again. */
  | { kind: "refused"; refusal: RegistrationRefusal }
  /** Another call took the start over. */
  | { kind: "lost" };

/**
 * Carries out a claimed start: registers the transaction and commits, makes one call, records its outcome. A crash
 * between any two of these leaves the transaction registered with an unknown start, which is never sent again.
 */
export async function runStart(
  deps: StartDeps,
  account: ProviderAccount,
  claimed: ClaimedStart,
  prepared: Prepared,
  by: RegisteredBy,
): Promise<StartResult> {
  const { shard, startId, leaseId } = claimed;
  const { order, refs } = prepared;
  const { kind, reference, amount, phone, account: payee, expiresAt, metadata } = order;
  const registration = { kind, refs, reference, amount, phone, expiresAt, metadata };
  const recipient = prepared.provider.kinds[kind]!.byRecipient ? (payee ?? phone) : null;
  const begin = { step: "begin", startId, leaseId, again: order.again, recipient } as const;
  const begun = await deps.settler.settle(
    shard,
    settleItem(account.connection, { registration, by, amend: false, start: begin }),
  );
  if (begun.refusal !== null) {
    await releaseKey(deps.sql, claimed);
    return { kind: "refused", refusal: begun.refusal };
  }
  const transactionId = begun.transactionIds[0];
  if (begun.lost || transactionId === undefined) return { kind: "lost" };
  const outcome = await callForStart(deps, account, prepared);
  await recordOutcome(deps, account, { claimed, transactionId, registration, by }, outcome);
  return { kind: "started", transactionId };
}
