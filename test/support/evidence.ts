import type { Evidence } from "../../src/domain/evidence.ts";
import { digestUuid } from "../../src/domain/ids.ts";
import type { Money } from "../../src/domain/money.ts";

export const kes = (minor: number): Money => ({ minor: BigInt(minor), currency: "KES" });

/**
 * What a callback says of an STK push, as a hint. `fields` replace any of it. The id is a digest of the content, as the
 * program's are.
 */
export function callbackSays(says: Evidence["says"], fields: Partial<Evidence> = {}): Evidence {
  const evidence: Evidence = {
    kind: "stk_push",
    says,
    identity: [],
    source: "callback",
    strength: "hint",
    callbackId: null,
    reading: 1,
    learntAt: new Date(0),
    id: "",
    ...fields,
    refs: { checkout_request_id: "ws_CO_1", ...fields.refs },
  };
  return { ...evidence, id: fields.id ?? digestUuid(contentOf(evidence)) };
}

/** `learntAt` is part of the content of an operator's decision only: each decision is evidence of its own. */
function contentOf({ learntAt, ...content }: Evidence): string {
  return JSON.stringify(content.source === "operator" ? { ...content, learntAt } : content, (_name, value) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}

export const pollSays = (says: Evidence["says"], fields: Partial<Evidence> = {}): Evidence =>
  callbackSays(says, { source: "poll", strength: "poll", ...fields });

export const statementSays = (says: Evidence["says"], fields: Partial<Evidence> = {}): Evidence =>
  callbackSays(says, { source: "statement", strength: "statement", ...fields });

export const scheduleSays = (says: "expired" | "unresolved"): Evidence =>
  callbackSays(says, { source: "schedule", strength: "hint" });

/** An operator's decision. `second`: when it was made, in seconds of 2026. */
export const operatorSays = (says: Evidence["says"], second: number): Evidence =>
  callbackSays(says, {
    source: "operator",
    strength: "operator",
    learntAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second)),
  });
