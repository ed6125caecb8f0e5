import type { Evidence, Finding } from "../../domain/evidence.ts";
import { digestUuid } from "../../domain/ids.ts";
import type { Transaction } from "../../domain/transaction.ts";
import type { CallFailure } from "../../providers/call.ts";
import type { StatusAnswer } from "../../providers/status.ts";
import { conversationKey } from "../../settle/match/identity-keys.ts";

/** An answer from which something was learnt. */
export type UsableAnswer = Exclude<StatusAnswer, CallFailure>;

/**
 * The evidence of an answer; none of an answer that says nothing about the status. Evidence ids are digests of the
 * poll's id, so an answer that is settled twice counts once.
 */
export function evidenceOfAnswer(
  answer: UsableAnswer,
  t: Pick<Transaction, "kind">,
  pollId: string,
  at: Date,
): Evidence[] {
  return findingsOf(answer, t).map((finding, position) => ({
    ...finding,
    id: digestUuid(`poll|${pollId}|${position}`),
    source: "poll",
    strength: "poll",
    callbackId: null,
    reading: 1,
    learntAt: at,
  }));
}

function findingsOf(answer: UsableAnswer, { kind }: Pick<Transaction, "kind">): Finding[] {
  switch (answer.kind) {
    case "evidence":
      return answer.findings;
    case "deferred": {
      // As keys of the transaction, the conversation's ids match the callback with the answer to it.
      const identity = answer.conversation.map(conversationKey);
      const result = { code: "asked", description: "asked; the answer comes as a callback" };
      return [{ kind, says: "nothing", refs: {}, identity, result }];
    }
    case "not-yet":
    case "not-found":
    case "stop":
      return [];
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
