import { retry } from "../batch/retry.ts";
import { databaseTime } from "../database/clock.ts";
import { isUnavailable } from "../database/unavailable.ts";
import type { Evidence } from "../domain/evidence.ts";
import { digestUuid, publicId } from "../domain/ids.ts";
import type { Registration } from "../domain/transaction.ts";
import type { ProviderAccount } from "../reconcile/calls/provider-account.ts";
import { type RegisteredBy, type SettleItem, settleItem } from "../settle/item.ts";
import type { StartOutcome } from "./call-for-start.ts";
import type { ClaimedStart } from "./key-store.ts";
import type { StartDeps } from "./start-deps.ts";

type Begun = { claimed: ClaimedStart; transactionId: string; registration: Registration; by: RegisteredBy };

/** Characters of the provider's words that are kept. */
const messageMax = 200;

/** While the database is unavailable: without the outcome the transaction's start stays unknown. */
const retries = {
  retriesMax: 8,
  waitMs: 250,
  factor: 2,
  waitMaxMs: 5_000,
  jitter: true,
  retryMaxMs: 30_000,
} as const;

/**
 * Settles what became of a start. Accepted: the provider's ids are registered. Refused: the provider's own refusal is
 * evidence that no money moved. Unknown: nothing is learnt, and polls, callbacks and statements say what happened.
 */
export async function recordOutcome(
  deps: StartDeps,
  account: ProviderAccount,
  begun: Begun,
  outcome: StartOutcome,
): Promise<void> {
  const { shard } = begun.claimed;
  const attempt = async () => {
    try {
      const item = outcomeItem(account, begun, outcome, await databaseTime(deps.sql));
      await deps.settler.settle(shard, item);
      return null;
    } catch (error) {
      return error;
    }
  };
  const { signal } = new AbortController();
  const error = await retry<unknown>(attempt, {
    ...retries,
    isTransient: found => found !== null && isUnavailable(found),
    mayRetry: () => true,
    signal,
  });
  if (error === null) return;
  const transaction = publicId("transaction", begun.transactionId);
  deps.log.error(
    { err: error, transaction_id: transaction, state: outcome.kind },
    "the outcome of a start could not be recorded: its state stays unknown",
  );
}

function outcomeItem(
  { connection }: ProviderAccount,
  { claimed, transactionId: target, registration, by }: Begun,
  outcome: StartOutcome,
  now: Date,
): SettleItem {
  const { startId, leaseId } = claimed;
  const end = { step: "end", startId, leaseId, state: outcome.kind } as const;
  const providerMessage = outcome.message?.slice(0, messageMax) ?? null;
  switch (outcome.kind) {
    case "accepted": {
      const { refs, redirectUrl } = outcome;
      return settleItem(connection, {
        target,
        registration: { ...registration, refs: { ...registration.refs, ...refs } },
        by,
        start: { ...end, providerMessage, ...(redirectUrl !== undefined && { redirectUrl }) },
      });
    }
    case "refused": {
      const { code } = outcome;
      const evidence: Evidence = {
        id: digestUuid(`start refused|${startId}`),
        source: "poll",
        strength: "poll",
        callbackId: null,
        reading: 1,
        learntAt: now,
        kind: registration.kind,
        says: "failed",
        refs: {},
        identity: [],
        result: { code: code ?? "start-refused", description: providerMessage ?? "" },
      };
      return settleItem(connection, { target, evidence: [evidence], start: { ...end, providerMessage } });
    }
    case "unknown":
      return settleItem(connection, { target, start: { ...end, providerMessage } });
  }
}
