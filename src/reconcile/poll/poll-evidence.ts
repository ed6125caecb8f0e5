import type { Evidence, Finding } from "../../domain/evidence.ts";
import { digestUuid } from "../../domain/ids.ts";
import type { Transaction } from "../../domain/transaction.ts";
import type { StatusAnswer } from "../../providers/provider.ts";
import { conversationKey } from "../../settle/match/identity-keys.ts";

type Told = Exclude<StatusAnswer, { kind: "throttled" | "credentials-refused" | "unavailable" }>;

/**
 * What an answer is worth keeping as: evidence, final or not, for the timeline shows every question that was answered. The ids of evidence
 * are digests of the question's own id, so an answer settled twice is settled once.
 */
export function evidenceOfAnswer(answer: Told, t: Pick<Transaction, "kind">, askId: string, at: Date): Evidence[] {
  const findings = answer.kind === "evidence" ? answer.findings : [nothing(answer, t)];
  return findings.map((finding, position) => ({
    ...finding,
    id: digestUuid(`poll|${askId}|${position}`),
    source: "poll",
    strength: "poll",
    callbackId: null,
    reading: 1,
    learntAt: at,
  }));
}

/** The conversation under which an answer will come is claimed for the transaction, as its ids are. */
function nothing(answer: Exclude<Told, { kind: "evidence" }>, { kind }: Pick<Transaction, "kind">): Finding {
  const identity = answer.kind === "asked" ? answer.conversation.map(conversationKey) : [];
  return { kind, says: "nothing", refs: {}, identity, result: wordsFor(answer) };
}

function wordsFor(answer: Exclude<Told, { kind: "evidence" }>): { code: string; description: string } {
  switch (answer.kind) {
    case "asked":
      return { code: "asked", description: "asked; the answer comes as a callback" };
    case "not-found":
      return { code: "not-found", description: "the provider does not know it, or not yet" };
    case "not-yet":
    case "stop":
      return { code: answer.kind, description: answer.reason };
  }
}

/** What the schedule says when asking has ended. */
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
