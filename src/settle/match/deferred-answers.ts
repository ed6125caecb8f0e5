import type { Evidence } from "../../domain/evidence.ts";
import type { Provider } from "../../providers/provider.ts";
import type { Group } from "./group.ts";
import { conversationKey, hasConversationId, receiptKey } from "./identity-keys.ts";
import { type KeyOwners, scopedKey } from "./key-store.ts";

/**
 * The keys by which deferred answers find the polled transaction, and the transaction that the ids in them name where
 * the merchant asked, not Hakika.
 */
export function deferredAnswerKeys(group: Group): string[] {
  return group.evidence.filter(hasConversationId).flatMap(e => [...e.identity.map(conversationKey), ...namedKeys(e)]);
}

/**
 * Turns deferred answers among a group's evidence into evidence of the transaction that they are about: poll evidence
 * of the transaction that was polled, else a hint about the one that the ids in the answer name. An answer that names
 * none is dropped.
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
    const about = polled ?? namedTransaction(e, group, owners);
    if (about === undefined) continue;
    const { evidence, stopReason } = polled === undefined ? unaskedAnswer(e) : readAnswer(e, provider);
    group.owners.add(about);
    kept.push(evidence);
    for (const key of evidence.identity) group.keys.add(key);
    if (stopReason !== null) group.pollingStops.push({ transactionId: about, reason: stopReason });
  }
  group.evidence = kept;
}

function polledTransaction(e: Evidence, group: Group, owners: KeyOwners): string | undefined {
  if (!hasConversationId(e)) return undefined;
  return e.identity
    .map(key => owners.get(scopedKey(group.connection.id, conversationKey(key))))
    .find(id => id !== undefined);
}

/** The one transaction that the ids in an answer name; undefined where they name none, or several. */
function namedTransaction(e: Evidence, group: Group, owners: KeyOwners): string | undefined {
  const named = new Set(namedKeys(e).flatMap(key => owners.get(scopedKey(group.connection.id, key)) ?? []));
  const [only] = named;
  return named.size === 1 ? only : undefined;
}

/**
 * An answer to a question of the merchant's own, as evidence of the transaction that it names: a hint, as any callback
 * that proves nothing. C2B settles by a hint because it cannot be registered; an answer has to match what is.
 */
function unaskedAnswer(e: Evidence): { evidence: Evidence; stopReason: null } {
  const { answersQuestion: _, ...finding } = e;
  const kind = finding.kind === "c2b" ? "payment" : finding.kind;
  return { evidence: { ...finding, kind, identity: namedKeys(e) }, stopReason: null };
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

/** The keys of the ids that an answer names, beside those of its own conversation. */
function namedKeys({ refs }: Pick<Evidence, "refs">): string[] {
  const conversation = (["conversation_id", "originator_conversation_id"] as const).flatMap(name =>
    refs[name] === undefined ? [] : [`${name}:${refs[name]}`],
  );
  return [...conversation, ...receiptKeys({ refs })];
}

function receiptKeys({ refs }: Pick<Evidence, "refs">): string[] {
  return refs.receipt === undefined ? [] : [receiptKey(refs.receipt)];
}
