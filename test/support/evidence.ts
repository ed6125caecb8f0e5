import type { Evidence } from "../../src/domain/evidence.ts";
import { digestUuid } from "../../src/domain/ids.ts";
import type { Money } from "../../src/domain/money.ts";

export const kes = (minor: number): Money => ({ minor: BigInt(minor), currency: "KES" });

/** One thing learnt about a push, a hint of a callback unless told otherwise. The id is a digest of the content, as it is in earnest. */
export function callbackSays(says: Evidence["says"], more: Partial<Evidence> = {}): Evidence {
  const plain: Evidence = {
    kind: "stk_push",
    says,
    refs: {},
    identity: [],
    source: "callback",
    strength: "hint",
    callbackId: null,
    reading: 1,
    learntAt: new Date(0),
    id: "",
    ...more,
  };
  return { ...plain, id: more.id ?? digestUuid(contentOf(plain)) };
}

/** When it was learnt is not part of the content, except of an operator's decision: each of those is evidence of its own. */
function contentOf({ learntAt, ...content }: Evidence): string {
  return JSON.stringify(content.source === "operator" ? { ...content, learntAt } : content, (_name, value) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}

/** What a status call said. */
export const pollSays = (says: Evidence["says"], more: Partial<Evidence> = {}): Evidence =>
  callbackSays(says, { source: "poll", strength: "poll", ...more });

/** What the schedule says: `expired` or `unresolved`. */
export const scheduleSays = (says: "expired" | "unresolved"): Evidence =>
  callbackSays(says, { source: "schedule", strength: "hint" });

/** An operator's word, heard at a second of 2026. */
export const operatorSays = (says: Evidence["says"], second: number): Evidence =>
  callbackSays(says, {
    source: "operator",
    strength: "operator",
    learntAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second)),
  });
