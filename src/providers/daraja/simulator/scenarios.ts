import type { Sample } from "../../../simulator/play/sample.ts";
import type { RegistrationBody, Scenario, ScenarioCallback } from "../../../simulator/play/scenario.ts";
import { jsonCallback } from "../../../simulator/post-callback.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import { type DarajaEntry, darajaC2bCallback, darajaPayoutCallback, darajaStkCallback } from "./callbacks.ts";
import { darajaBillCallback, darajaExpressCallback, darajaStandingOrderCallback } from "./organization-callbacks.ts";

/** That of the simulated Daraja: a payment to another one would go into quarantine. */
const shortcode = "174379";
const accepted = { status: 200, contains: '"Accepted"' };
const matching = { c2b_validation: { mode: "match" } };

const checkoutId = ({ mark }: Sample) => `ws_CO_${mark}`;
const conversation = ({ mark }: Sample) => ({
  conversation_id: `AG_20261120_${mark}`,
  originator_conversation_id: `20713-${mark}-1`,
});
const entryOf = (sample: Sample): DarajaEntry => ({
  outcome: "completed",
  steps: [],
  amount: sample.amount,
  phone: sample.phone,
  receipt: sample.mark,
  reference: sample.mark,
  conversationId: conversation(sample).conversation_id,
  originatorConversationId: conversation(sample).originator_conversation_id,
});

const push = (sample: Sample): RegistrationBody => ({
  kind: "stk_push",
  provider_refs: { checkout_request_id: checkoutId(sample) },
  reference: sample.mark,
  amount: sample.amount,
  phone: sample.phone,
});
const payout = (sample: Sample): RegistrationBody => ({
  kind: "b2c",
  provider_refs: conversation(sample),
  amount: sample.amount,
  phone: sample.phone,
});

const stk = (sample: Sample, outcome: ScriptOutcome): ScenarioCallback => ({
  channel: "stk",
  callback: darajaStkCallback(checkoutId(sample), entryOf(sample), outcome, sample.at),
});
const c2b = (sample: Sample, channel: string): ScenarioCallback => ({
  channel,
  callback: darajaC2bCallback(entryOf(sample), shortcode, sample.at),
});
const result = (sample: Sample, outcome: ScriptOutcome): ScenarioCallback => ({
  channel: "result",
  callback: darajaPayoutCallback(entryOf(sample), outcome, sample.at),
});
const requestId = ({ mark }: Sample) => `7d1f0c52-${mark}`;
const askedOfTill = (sample: Sample): RegistrationBody => ({
  kind: "payment",
  provider_refs: { request_id: requestId(sample) },
  reference: sample.mark,
  amount: sample.amount,
});
const express = (sample: Sample, isPaid: boolean): ScenarioCallback => ({
  channel: "b2b/express",
  callback: darajaExpressCallback(requestId(sample), entryOf(sample), isPaid),
});
const standingOrder = (sample: Sample, isMade: boolean): ScenarioCallback => ({
  channel: "standing-order",
  callback: darajaStandingOrderCallback(entryOf(sample), isMade),
});
/** The queue gave up: nothing is known of the money. */
const timeout = (sample: Sample): ScenarioCallback => {
  const { conversation_id: ConversationID, originator_conversation_id: OriginatorConversationID } =
    conversation(sample);
  const Result = {
    ResultType: 1,
    ResultCode: 1,
    ResultDesc: "The request timed out.",
    ConversationID,
    OriginatorConversationID,
  };
  return { channel: "timeout", callback: jsonCallback({ Result }) };
};

export const darajaScenarios = {
  "stk-success": {
    by: "callback",
    channel: "stk",
    means: "a push is paid",
    registration: push,
    callbacks: sample => [stk(sample, "completed")],
    answer: accepted,
    events: ["payment.completed"],
    polledBy: checkoutId,
  },
  "stk-failed": {
    by: "callback",
    channel: "stk",
    means: "the payer cancels the push (1032)",
    registration: push,
    callbacks: sample => [stk(sample, "failed")],
    answer: accepted,
    events: ["payment.failed"],
  },
  "stk-and-c2b": {
    by: "callback",
    channel: "stk",
    means: "one payment is reported twice, as a push and as C2B: one event",
    registration: push,
    callbacks: sample => [c2b(sample, "c2b/confirmation"), stk(sample, "completed")],
    answer: accepted,
    events: ["payment.completed"],
    polledBy: checkoutId,
  },
  "c2b-success": {
    by: "callback",
    channel: "c2b/confirmation",
    means: "a payer pays to the shortcode; nothing was registered",
    callbacks: sample => [c2b(sample, "c2b/confirmation")],
    answer: accepted,
    events: ["payment.completed"],
  },
  "c2b-unreadable": {
    by: "callback",
    channel: "c2b/confirmation",
    means: "a confirmation without id and amount: answered all the same, kept in quarantine",
    callbacks: ({ mark }) => [{ channel: "c2b/confirmation", callback: jsonCallback({ BillRefNumber: mark }) }],
    answer: accepted,
    ends: "quarantined",
    events: [],
  },
  "c2b-validation-accepted": {
    by: "callback",
    channel: "c2b/validation",
    means: "may this order be paid? Yes: it is registered",
    settings: matching,
    registration: ({ mark, amount }) => ({ kind: "c2b", provider_refs: {}, reference: mark, amount }),
    callbacks: sample => [c2b(sample, "c2b/validation")],
    answer: { status: 200, contains: '"ResultCode":"0"' },
    events: [],
  },
  "c2b-validation-rejected": {
    by: "callback",
    channel: "c2b/validation",
    means: "may this order be paid? No: it is not registered",
    settings: matching,
    callbacks: sample => [c2b(sample, "c2b/validation")],
    answer: { status: 200, contains: '"Rejected"' },
    events: [],
  },
  "b2c-success": {
    by: "callback",
    channel: "result",
    means: "a payout arrives",
    registration: payout,
    callbacks: sample => [result(sample, "completed")],
    answer: accepted,
    events: ["payout.completed"],
  },
  "b2c-failed": {
    by: "callback",
    channel: "result",
    means: "a payout fails for want of funds (1)",
    registration: payout,
    callbacks: sample => [result(sample, "failed")],
    answer: accepted,
    events: ["payout.failed"],
  },
  "timeout-then-result": {
    by: "callback",
    channel: "timeout",
    means: "the queue times out, which is no failure, and the result comes after all",
    registration: payout,
    callbacks: sample => [timeout(sample), result(sample, "completed")],
    answer: accepted,
    events: ["payout.completed"],
  },
  "timeout-unreadable": {
    by: "callback",
    channel: "timeout",
    means: "a time-out of nothing: answered all the same, kept in quarantine",
    callbacks: ({ mark }) => [{ channel: "timeout", callback: jsonCallback({ message: `timed out ${mark}` }) }],
    answer: accepted,
    ends: "quarantined",
    events: [],
  },
  "b2b-express-success": {
    by: "callback",
    channel: "b2b/express",
    means: "a till that was asked on its phone pays: money comes in",
    registration: askedOfTill,
    callbacks: sample => [express(sample, true)],
    answer: accepted,
    events: ["payment.completed"],
  },
  "b2b-express-cancelled": {
    by: "callback",
    channel: "b2b/express",
    means: "a till that was asked on its phone cancels (4001)",
    registration: askedOfTill,
    callbacks: sample => [express(sample, false)],
    answer: accepted,
    events: ["payment.failed"],
  },
  "b2b-express-wrong-door": {
    by: "callback",
    channel: "result",
    means: "the same callback at the URL of results: kept in quarantine, and never a payout",
    callbacks: sample => [{ ...express(sample, true), channel: "result" }],
    answer: accepted,
    ends: "quarantined",
    events: [],
  },
  "standing-order-created": {
    by: "callback",
    channel: "standing-order",
    means: "a payer agrees to a standing order: an event, and no money",
    callbacks: sample => [standingOrder(sample, true)],
    answer: accepted,
    events: ["standing_order.created"],
  },
  "standing-order-failed": {
    by: "callback",
    channel: "standing-order",
    means: "a payer does not answer the question for a standing order (1037)",
    callbacks: sample => [standingOrder(sample, false)],
    answer: accepted,
    events: ["standing_order.failed"],
  },
  "bill-success": {
    by: "callback",
    channel: "bill",
    means: "an invoice of Bill Manager is paid",
    callbacks: sample => [{ channel: "bill", callback: darajaBillCallback(entryOf(sample), shortcode, sample.at) }],
    answer: { status: 200, contains: '"rescode":"200"' },
    events: ["payment.completed"],
  },
  "bill-unreadable": {
    by: "callback",
    channel: "bill",
    means: "a bill's payment without id and amount: answered all the same, kept in quarantine",
    callbacks: ({ mark }) => [{ channel: "bill", callback: jsonCallback({ accountReference: mark }) }],
    answer: { status: 200, contains: '"rescode":"200"' },
    ends: "quarantined",
    events: [],
  },
} as const satisfies Record<string, Scenario>;
