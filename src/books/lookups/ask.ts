import type { Connection } from "../../connections/connection.ts";
import { newUuid } from "../../domain/ids.ts";
import { missingCredentials } from "../../providers/can-poll.ts";
import type { Provider } from "../../providers/provider.ts";
import type { PollRequest, StatusAnswer } from "../../providers/status.ts";
import { recordCallOutcome, reserveCalls } from "../../reconcile/calls/call-limits-store.ts";
import { callProvider } from "../../reconcile/calls/call-provider.ts";
import { callContext, loadProviderAccount, type ProviderAccount } from "../../reconcile/calls/provider-account.ts";
import { describeFailure, recordFailure } from "../../reconcile/calls/record-failure.ts";
import type { ReconcileDeps } from "../../reconcile/deps.ts";
import { askingLookup, awaitAnswer, endLookup, insertLookup } from "./lookup-store.ts";

type Asked =
  | { kind: "asking"; id: string; isNew: boolean }
  | { kind: "unsupported"; detail: string }
  | { kind: "throttled"; retryAfterS: number };

/** Answers were seen after 85 s; one that has not come by then will not. */
export const answerWaitS = 600;
const retryAfterByDefaultS = 30;

/**
 * Asks the provider about a receipt that is not known here. The answer comes later: by the call itself, or as a
 * callback. While it is awaited the same receipt is not asked about again.
 */
export async function askAboutReceipt(deps: ReconcileDeps, connection: Connection, receipt: string): Promise<Asked> {
  const { sql } = deps;
  const { shard, id: connectionId, merchantId } = connection;
  const account = await loadProviderAccount(deps, connection);
  const detail = account === null ? "This version does not know the provider." : whyNot(account.provider, connection);
  if (account === null || detail !== null) return { kind: "unsupported", detail: detail! };
  const asking = await askingLookup(sql, shard, connectionId, receipt, answerWaitS);
  if (asking !== null) return { kind: "asking", id: asking.id, isNew: false };
  const allowed = await reserveCalls(sql, account, 1);
  if (allowed.kind === "refused") {
    const waitMs = allowed.until === null ? 0 : allowed.until.getTime() - Date.now();
    return { kind: "throttled", retryAfterS: waitMs > 0 ? Math.ceil(waitMs / 1000) : retryAfterByDefaultS };
  }
  const id = newUuid(shard);
  await insertLookup(sql, shard, { id, merchantId, connectionId, receipt });
  // Without the database the question ends by its age.
  void ask(deps, account, { id, receipt }).catch(() => {});
  return { kind: "asking", id, isNew: true };
}

function whyNot(provider: Provider, { credentials }: Connection): string | null {
  const lookup = provider.status?.lookup;
  const needs = lookup && provider.status?.kinds[lookup];
  if (!needs) return `${provider.name} cannot be asked about a receipt.`;
  const missing = missingCredentials(needs.credentials, credentials);
  return missing === null ? null : `${provider.name} is asked about a receipt with ${missing}.`;
}

async function ask(
  deps: ReconcileDeps,
  account: ProviderAccount,
  lookup: { id: string; receipt: string },
): Promise<void> {
  const { sql } = deps;
  const { connection, provider } = account;
  const { shard } = connection;
  const status = provider.status!;
  const context = callContext(account, new Date());
  const request: PollRequest = {
    ...context,
    kind: status.lookup!,
    refs: { receipt: lookup.receipt },
    createdAt: context.now,
    provisionalSince: null,
    receiptInDoubt: lookup.receipt,
  };
  const answer: StatusAnswer = await callProvider<StatusAnswer>(deps, account, context, send =>
    status.poll(request, send),
  );
  switch (answer.kind) {
    case "deferred":
      await awaitAnswer(sql, shard, lookup.id, answer.conversation);
      await recordCallOutcome(sql, shard, connection.id, { kind: "answered" });
      return;
    case "evidence":
    case "not-found":
    case "not-yet":
      await endLookup(sql, shard, lookup.id, { state: "not_found", reason: "the provider does not know the receipt" });
      await recordCallOutcome(sql, shard, connection.id, { kind: "answered" });
      return;
    case "stop":
      return await endLookup(sql, shard, lookup.id, { state: "unavailable", reason: answer.reason });
    default:
      await recordFailure(deps, account, answer);
      await endLookup(sql, shard, lookup.id, { state: "unavailable", reason: describeFailure(answer) });
  }
}
