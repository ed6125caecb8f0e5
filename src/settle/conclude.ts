import type { Evidence } from "../domain/evidence.ts";
import type { SettleDeps } from "./settle-deps.ts";

export type Conclude = SettleDeps["conclude"];

/**
 * What a callback under the conversation of a question says of the transaction asked about. It is the status call's answer, come by
 * another way: the conversation is known to the provider and to us, so it is worth as much as one that came at once. Its own ids are
 * the question's; of the refs only a receipt identifies the transaction. `stop`: asking on would do harm.
 */
export function concluded(
  heard: Evidence,
  provider: string,
  conclude: Conclude,
): { evidence: Evidence; stop: string | null } {
  const { answersQuestion: _, ...rest } = heard;
  const answer = conclude(provider, heard);
  const base: Evidence = { ...rest, identity: [], source: "poll", strength: "poll" };
  if (answer?.kind === "evidence") {
    const { answersQuestion: _own, ...finding } = answer.findings[0];
    const receipts = finding.refs.receipt === undefined ? [] : [`receipt:${finding.refs.receipt}`];
    return { evidence: { ...base, ...finding, identity: receipts }, stop: null };
  }
  const reason = answer !== null && "reason" in answer ? answer.reason : "the answer says nothing of the transaction";
  const nothing: Evidence = {
    id: base.id,
    source: base.source,
    strength: base.strength,
    callbackId: base.callbackId,
    reading: base.reading,
    learntAt: base.learntAt,
    kind: base.kind,
    says: "nothing",
    refs: {},
    identity: [],
    result: { code: "not-yet", description: reason },
  };
  return { evidence: nothing, stop: answer?.kind === "stop" ? answer.reason : null };
}
