import { isDeepStrictEqual } from "node:util";
import { type Connection, policyOf } from "../../connections/connection.ts";
import { type Decision, decide } from "../../domain/decide/decide.ts";
import { describe } from "../../domain/describe.ts";
import type { Evidence } from "../../domain/evidence.ts";
import { isFinal } from "../../domain/kinds.ts";
import type { Registration, Review, Transaction } from "../../domain/transaction.ts";
import { transactionJson } from "../../domain/transaction-json.ts";

export type Advance = { after: Transaction; decision: Decision; changed: boolean };

/** The transaction as its whole evidence and registration have it now. Pure: the same input, the same answer. */
export function advance(input: {
  /** With the registrations of this batch laid over it. */
  before: Transaction;
  /** As it was shown last. */
  shown: Transaction;
  evidence: Evidence[];
  connection: Connection;
  canPoll: boolean;
  now: Date;
}): Advance {
  const { before, shown, evidence, connection, canPoll, now } = input;
  const registration = before.registration;
  const decision = decide(evidence, registration, policyOf(connection, canPoll));
  const facts = describe(evidence, decision, registration);
  const after: Transaction = {
    ...before,
    ...facts,
    registered: registration !== null,
    status: decision.status,
    statusSource: decision.source,
    review: reviewOf(decision, before.review, now),
  };
  const changed = !isDeepStrictEqual(visible(after), visible(shown));
  return { after: changed ? { ...after, version: before.version + 1, updatedAt: now } : before, decision, changed };
}

function reviewOf(decision: Decision, before: Review | null, now: Date): Review | null {
  if (!decision.review) return null;
  const { reason, detail, duplicateOf } = decision.review;
  const since = before?.reason === reason ? before.since : now.toISOString();
  return { reason, since, detail, ...(duplicateOf ? { duplicate_of: duplicateOf } : {}) };
}

/**
 * What the outside can see, but for the counters. Also the duplicate's twin, which only its event shows. To be compared as values,
 * not as text: PostgreSQL keeps the keys of a jsonb object in an order of its own.
 */
function visible(t: Transaction) {
  const { version: _v, updated_at: _u, ...rest } = transactionJson(t);
  return [rest, t.review?.duplicate_of, t.expiresAt];
}

/**
 * A registration laid over what is known. A later one fills gaps; what it says anew counts while the transaction is not finished,
 * so that a corrected amount can settle what the first one held up.
 */
export function mergeRegistration(before: Transaction, next: Registration): Transaction {
  const old = before.registration;
  const open = !isFinal(before.status);
  const pick = <T>(was: T | null | undefined, is: T | null): T | null =>
    was == null || (open && is !== null) ? is : was;
  const registration: Registration = {
    kind: old?.kind ?? next.kind,
    refs: { ...next.refs, ...old?.refs },
    reference: pick(old?.reference, next.reference),
    amount: pick(old?.amount, next.amount),
    phone: pick(old?.phone, next.phone),
    expiresAt: pick(old?.expiresAt, next.expiresAt),
    metadata: { ...old?.metadata, ...next.metadata },
  };
  return {
    ...before,
    kind: registration.kind,
    registration,
    metadata: registration.metadata,
    expiresAt: registration.expiresAt,
  };
}
