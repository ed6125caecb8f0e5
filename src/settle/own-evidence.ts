import type { Evidence } from "../domain/evidence.ts";
import { digestUuid } from "../domain/ids.ts";
import type { Kind } from "../domain/kinds.ts";

/**
 * Evidence that settle itself learns of other transactions, not of a provider: a hint that settles nothing. The same
 * `origin` gives the same id, so that it is there once however often it is learnt.
 */
export function ownEvidence(origin: string, kind: Kind, now: Date): Evidence {
  return {
    id: digestUuid(origin),
    source: "callback",
    strength: "hint",
    callbackId: null,
    reading: 1,
    learntAt: now,
    kind,
    says: "nothing",
    refs: {},
    identity: [],
  };
}
