import type { Evidence } from "../../domain/evidence.ts";
import type { Provider } from "../../providers/provider.ts";

/**
 * What a callback under the conversation of a question says of the transaction asked about. It is the status call's answer, come by
 * another way: the conversation is known to the provider and to us, so it is worth as much as one that came at once. Its own ids are
 * the question's; of the refs only a receipt identifies the transaction. `stop`: asking on would do harm.
 */
export function fromDeferredAnswer(
  heard: Evidence,
  provider: Provider | undefined,
): { evidence: Evidence; stop: string | null } {
  const { id, callbackId, reading, learntAt } = heard;
  const origin = { id, callbackId, reading, learntAt, source: "poll", strength: "poll" } as const;
  const answer = provider?.status?.readDeferredAnswer?.(heard) ?? null;
  if (answer?.kind === "evidence") {
    const { answersQuestion: _, ...finding } = answer.findings[0];
    return { evidence: { ...finding, ...origin, identity: receiptsOf(finding) }, stop: null };
  }
  const reason = answer !== null && "reason" in answer ? answer.reason : "the answer says nothing of the transaction";
  const nothing: Evidence = {
    ...origin,
    kind: heard.kind,
    says: "nothing",
    refs: {},
    identity: [],
    result: { code: "not-yet", description: reason },
  };
  return { evidence: nothing, stop: answer?.kind === "stop" ? answer.reason : null };
}

export function receiptsOf({ refs }: Pick<Evidence, "refs">): string[] {
  return refs.receipt === undefined ? [] : [`receipt:${refs.receipt}`];
}
