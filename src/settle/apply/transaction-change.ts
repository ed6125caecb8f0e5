import { isDeepStrictEqual } from "node:util";
import { policyOf } from "../../connections/connection.ts";
import { type Decision, decide } from "../../domain/decide/decide.ts";
import type { NeededReview } from "../../domain/decide/review.ts";
import { describe } from "../../domain/describe.ts";
import type { Event } from "../../domain/events.ts";
import type { Evidence } from "../../domain/evidence.ts";
import { isFinal, type Kind, type Status } from "../../domain/kinds.ts";
import { formatMoney, type Money } from "../../domain/money.ts";
import type { MoneyJson, Registration, Review, StartJson, Transaction } from "../../domain/transaction.ts";
import { transactionJson } from "../../domain/transaction-json.ts";
import { connectionCanPoll } from "../../providers/can-poll.ts";
import type { Provider } from "../../providers/provider.ts";
import type { RegistrationRefusal, RegistrationRequest, StartStep } from "../item.ts";
import type { TransactionUpdate } from "../match/transaction-update.ts";
import { announce } from "./announce.ts";
import { mergeRegistration } from "./merge-registration.ts";

/** What a batch makes of one transaction. */
export type TransactionChange = {
  update: TransactionUpdate;
  after: Transaction;
  events: Event[];
  /** Whether the stored row differs. */
  isTouched: boolean;
  /** How soon the provider is to be polled, in ms; null where no poll is requested. */
  pollAfterMs: number | null;
  /** The registrations that were taken, with what they replaced. */
  registered: TakenRegistration[];
  /** Refused registrations, by the position of their items. */
  refusals: ReadonlyMap<number, RegistrationRefusal>;
};

/** A registration that was taken. `amended` is the registration before it, where it replaced something. */
export type TakenRegistration = RegistrationRequest & { amended: Registration | null };

/**
 * A callback that says only that something changed is often sent several times at once. The poll waits so long for the
 * others, so that one poll answers them all.
 */
const changedPollDelayMs = 1_000;

/**
 * Applies registrations and evidence to a transaction, decides it, and announces what changed. Pure: the same input
 * gives the same change, but for the ids of events.
 */
export function changeTransaction(
  update: TransactionUpdate,
  providers: ReadonlyMap<string, Provider>,
  now: Date,
): TransactionChange {
  const { connection, before, isNew, registrations } = update;
  const { transaction: merged, taken, refusals } = mergeRegistrations(before, registrations);
  const registered = withStart(merged, update, now);
  const evidence = [...update.known, ...update.fresh.filter(e => e.sameReference?.transactionId !== before.id)];
  const kind = kindOf(registered, evidence);
  const policy = policyOf(connection, connectionCanPoll(providers, connection, kind));
  const decision = decide(evidence, registered.registration, policy);
  const decided: Transaction = {
    ...registered,
    kind,
    ...describe(evidence, decision, registered.registration),
    registered: registered.registration !== null,
    status: decision.status,
    statusSource: decision.source,
    review: reviewOf(decision.review, before.review, now),
  };
  const isVisible = !isDeepStrictEqual(visibleState(decided), visibleState(before));
  const next = isVisible ? { ...decided, version: before.version + 1, updatedAt: now } : registered;
  const isFromCallback = isNew && registrations.length === 0;
  const previousStatus = isFromCallback ? null : before.status;
  const { events, sequence } = announce({ before, after: next, previousStatus, merged: update.merged }, now);
  return {
    update,
    after: { ...next, sequence, version: isNew ? 1 : next.version },
    events,
    isTouched: isVisible || registered !== before || events.length > 0,
    pollAfterMs: pollDelay(update, decision, policy.canPoll),
    registered: taken,
    refusals,
  };
}

/** A C2B payment may turn out to be the second half of an STK push: then the push says the kind. */
function kindOf({ kind, registration }: Transaction, evidence: readonly Evidence[]): Kind {
  if (registration !== null || kind !== "c2b") return kind;
  return evidence.find(e => e.source !== "registration" && e.kind !== "c2b")?.kind ?? kind;
}

function mergeRegistrations(before: Transaction, requests: readonly RegistrationRequest[]) {
  let transaction = before;
  const taken: TakenRegistration[] = [];
  const refusals = new Map<number, RegistrationRefusal>();
  for (const request of requests) {
    const merged = mergeRegistration(transaction, request);
    if (merged.refusal !== null) refusals.set(request.position!, merged.refusal);
    else taken.push({ ...request, amended: merged.amended });
    transaction = merged.transaction;
  }
  return { transaction, taken, refusals };
}

/** A start that has begun may have reached the provider from then on, whatever becomes of this process. */
function withStart(transaction: Transaction, { starts, startOfMerged }: TransactionUpdate, now: Date): Transaction {
  const at = now.toISOString();
  const before = transaction.start ?? startOfMerged;
  const start = starts.reduce((known, step) => startAfter(known, step, at), before);
  return start === transaction.start ? transaction : { ...transaction, start };
}

function startAfter(before: StartJson | null, step: StartStep, at: string): StartJson {
  if (step.step === "begin") return { state: "unknown", at, attempts: 1, provider_message: null };
  const { state, providerMessage: provider_message, redirectUrl: redirect_url } = step;
  return { state, at, attempts: before?.attempts ?? 1, provider_message, ...(redirect_url && { redirect_url }) };
}

/** Whether the transaction became final in this batch. */
export function hasFinished({ update, after }: TransactionChange): boolean {
  return isFinal(after.status) && (update.isNew || !isFinal(update.before.status));
}

function pollDelay(update: TransactionUpdate, decision: Decision, canPoll: boolean): number | null {
  if (decision.pollNow && reportsOutcome(update)) return 0;
  return canPoll && update.fresh.some(e => e.changed) ? changedPollDelayMs : null;
}

/**
 * Whether a callback of this batch reports an outcome. Only then is a poll requested: the poll's own answer must not
 * request another.
 */
function reportsOutcome({ fresh }: TransactionUpdate): boolean {
  return fresh.some(e => e.source === "callback" && isFinal(e.says as Status));
}

/** `since` stays while the reason does. */
function reviewOf(needed: NeededReview | null, before: Review | null, now: Date): Review | null {
  if (!needed) return null;
  const { reason, detail, expected = null, told = null, related = [], duplicateOf } = needed;
  return {
    reason,
    since: before?.reason === reason ? before.since : now.toISOString(),
    detail,
    expected: moneyJson(expected),
    told: moneyJson(told),
    related,
    ...(duplicateOf ? { duplicate_of: duplicateOf } : {}),
  };
}

function moneyJson(money: Money | null): MoneyJson | null {
  return money && { amount: formatMoney(money), currency: money.currency };
}

/**
 * What API and events show of a transaction, without the counters, and what a change of must be stored too:
 * `duplicate_of` (only an event shows it) and the expiry. Compared as values, not as text: PostgreSQL has its own order
 * of the keys of a jsonb object.
 */
function visibleState(t: Transaction) {
  const { version: _v, updated_at: _u, ...shown } = transactionJson(t);
  return [shown, t.review?.duplicate_of, t.expiresAt];
}
