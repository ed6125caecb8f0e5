import type { Evidence } from "../../domain/evidence.ts";
import type { Provider } from "../../providers/provider.ts";
import type { Group } from "./group.ts";
import { conversationKey, hasConversationId, receiptKey } from "./identity-keys.ts";
import { type KeyOwners, scopedKey } from "./key-store.ts";

/** The keys by which deferred answers find the polled transaction, and the transaction of a receipt that they name. */
export function deferredAnswerKeys(group: Group): string[] {
  return group.evidence.filter(hasConversationId).flatMap(e => [...e.identity.map(conversationKey), ...receiptKeys(e)]);
}

/**
 * Turns deferred answers among a group's evidence into poll evidence of the transaction that was polled. A deferred
 * answer to no known poll is dropped: it is about no transaction.
 */
export function attachDeferredAnswers(group: Group, owners: KeyOwners, provider: Provider | undefined): void {
  const kept: Evidence[] = [];
  for (const e of group.evidence) {
    const polled = polledTransaction(e, group, owners);
    if (polled === undefined && !e.answersQuestion) {
      kept.push(e);
      continue;
    }
    // The ids are the conversation's, not those of a transaction.
    for (const key of e.identity) group.keys.delete(key);
    if (polled === undefined) continue;
    const { evidence, stopReason } = readAnswer(e, provider);
    group.owners.add(polled);
    kept.push(evidence);
    for (const key of evidence.identity) group.keys.add(key);
    if (stopReason !== null) group.pollingStops.push({ transactionId: polled, reason: stopReason });
  }
  group.evidence = kept;
}

function polledTransaction(e: Evidence, group: Group, owners: KeyOwners): string | undefined {
  if (!hasConversationId(e)) return undefined;
  return e.identity
    .map(key => owners.get(scopedKey(group.connection.id, conversationKey(key))))
    .find(id => id !== undefined);
}

/**
 * The answer as evidence of the polled transaction. It is as strong as an answer that came at once: only the provider
 * and Hakika know the conversation. Of its refs only a receipt identifies the transaction. `stopReason`: further polls
 * do harm.
 */
function readAnswer(
  deferred: Evidence,
  provider: Provider | undefined,
): { evidence: Evidence; stopReason: string | null } {
  const { id, callbackId, reading, learntAt } = deferred;
  const origin = { id, callbackId, reading, learntAt, source: "poll", strength: "poll" } as const;
  const answer = provider?.status?.readDeferredAnswer?.(deferred) ?? null;
  if (answer?.kind === "evidence") {
    const { answersQuestion: _, ...finding } = answer.findings[0];
    return { evidence: { ...finding, ...origin, identity: receiptKeys(finding) }, stopReason: null };
  }
  const reason =
    answer !== null && "reason" in answer ? answer.reason : "the answer does not say what became of the transaction";
  const evidence: Evidence = {
    ...origin,
    kind: deferred.kind,
    says: "nothing",
    refs: {},
    identity: [],
    result: { code: "not-yet", description: reason },
  };
  return { evidence, stopReason: answer?.kind === "stop" ? answer.reason : null };
}

function receiptKeys({ refs }: Pick<Evidence, "refs">): string[] {
  return refs.receipt === undefined ? [] : [receiptKey(refs.receipt)];
}
