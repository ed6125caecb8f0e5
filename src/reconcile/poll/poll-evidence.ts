import type { Evidence, Finding } from "../../domain/evidence.ts";
import { digestUuid } from "../../domain/ids.ts";
import type { Transaction } from "../../domain/transaction.ts";
import type { CallFailure } from "../../providers/call.ts";
import type { StatusAnswer } from "../../providers/status.ts";
import { conversationKey } from "../../settle/match/identity-keys.ts";

/** An answer from which something was learnt. */
export type UsableAnswer = Exclude<StatusAnswer, CallFailure>;

/**
 * The evidence of an answer. An answer that says nothing about the status is evidence too: the timeline shows every
 * poll. Evidence ids are digests of the poll's id, so an answer that is settled twice counts once.
 */
export function evidenceOfAnswer(
  answer: UsableAnswer,
  t: Pick<Transaction, "kind">,
  pollId: string,
  at: Date,
): Evidence[] {
  const findings = answer.kind === "evidence" ? answer.findings : [findingWithoutStatus(answer, t)];
  return findings.map((finding, position) => ({
    ...finding,
    id: digestUuid(`poll|${pollId}|${position}`),
    source: "poll",
    strength: "poll",
    callbackId: null,
    reading: 1,
    learntAt: at,
  }));
}

/**
 * The conversation id of a deferred answer becomes a key of the transaction, so that the callback with the answer is
 * matched to it.
 */
function findingWithoutStatus(
  answer: Exclude<UsableAnswer, { kind: "evidence" }>,
  { kind }: Pick<Transaction, "kind">,
): Finding {
  const identity = answer.kind === "deferred" ? answer.conversation.map(conversationKey) : [];
  return { kind, says: "nothing", refs: {}, identity, result: resultOf(answer) };
}

function resultOf(answer: Exclude<UsableAnswer, { kind: "evidence" }>): { code: string; description: string } {
  switch (answer.kind) {
    case "deferred":
      return { code: "asked", description: "asked; the answer comes as a callback" };
    case "not-found":
      return { code: "not-found", description: "the provider does not know it, or not yet" };
    case "not-yet":
    case "stop":
      return { code: answer.kind, description: answer.reason };
  }
}

/**
 * The evidence of the schedule, once polling has ended. The id is a digest, so an end that is settled twice counts
 * once.
 */
export function evidenceOfEnd(t: Pick<Transaction, "id" | "kind">, says: "expired" | "unresolved", at: Date): Evidence {
  return {
    id: digestUuid(`schedule|${t.id}|${says}`),
    source: "schedule",
    strength: "hint",
    callbackId: null,
    reading: 1,
    learntAt: at,
    kind: t.kind,
    says,
    refs: {},
    identity: [],
  };
}
