import type { Sample } from "../../../simulator/play/sample.ts";
import type { Post, RegistrationBody, Scenario } from "../../../simulator/play/scenario.ts";
import { jsonCallback } from "../../../simulator/post-callback.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";
import { type DarajaEntry, darajaC2bCallback, darajaPayoutCallback, darajaStkCallback } from "./callbacks.ts";

const shortcode = "600984";
const accepted = { status: 200, words: '"Accepted"' };
const matching = { c2b_validation: { mode: "match" } };

const checkoutId = ({ mark }: Sample) => `ws_CO_${mark}`;
const conversation = ({ mark }: Sample) => ({
  conversation_id: `AG_20261120_${mark}`,
  originator_conversation_id: `20713-${mark}-1`,
});
const entryOf = (made: Sample): DarajaEntry => ({
  outcome: "completed",
  steps: [],
  amount: made.amount,
  phone: made.phone,
  receipt: made.mark,
  reference: made.mark,
  conversationId: conversation(made).conversation_id,
  originatorConversationId: conversation(made).originator_conversation_id,
});

const push = (made: Sample): RegistrationBody => ({
  kind: "stk_push",
  provider_refs: { checkout_request_id: checkoutId(made) },
  reference: made.mark,
  amount: made.amount,
  phone: made.phone,
});
const payout = (made: Sample): RegistrationBody => ({
  kind: "b2c",
  provider_refs: conversation(made),
  amount: made.amount,
  phone: made.phone,
});

const stk = (made: Sample, outcome: ScriptOutcome): Post => ({
  channel: "stk",
  callback: darajaStkCallback(checkoutId(made), entryOf(made), outcome, made.at),
});
const c2b = (made: Sample, channel: string): Post => ({
  channel,
  callback: darajaC2bCallback(entryOf(made), shortcode, made.at),
});
const result = (made: Sample, outcome: ScriptOutcome): Post => ({
  channel: "result",
  callback: darajaPayoutCallback(entryOf(made), outcome, made.at),
});
/** The queue gave up: nothing is known of the money. */
const timeout = (made: Sample): Post => {
  const { conversation_id: ConversationID, originator_conversation_id: OriginatorConversationID } = conversation(made);
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
    register: push,
    posts: made => [stk(made, "completed")],
    answered: accepted,
    events: ["payment.completed"],
    booked: checkoutId,
  },
  "stk-failed": {
    by: "callback",
    channel: "stk",
    means: "the payer cancels the push (1032)",
    register: push,
    posts: made => [stk(made, "failed")],
    answered: accepted,
    events: ["payment.failed"],
  },
  "stk-and-c2b": {
    by: "callback",
    channel: "stk",
    means: "one payment is told twice, as a push and as C2B: one event",
    register: push,
    posts: made => [c2b(made, "c2b/confirmation"), stk(made, "completed")],
    answered: accepted,
    events: ["payment.completed"],
    booked: checkoutId,
  },
  "c2b-success": {
    by: "callback",
    channel: "c2b/confirmation",
    means: "somebody pays to the shortcode; nothing was registered",
    posts: made => [c2b(made, "c2b/confirmation")],
    answered: accepted,
    events: ["payment.completed"],
  },
  "c2b-unreadable": {
    by: "callback",
    channel: "c2b/confirmation",
    means: "a confirmation without id and amount: answered all the same, kept in quarantine",
    posts: ({ mark }) => [{ channel: "c2b/confirmation", callback: jsonCallback({ BillRefNumber: mark }) }],
    answered: accepted,
    ends: "quarantined",
    events: [],
  },
  "c2b-validation-accepted": {
    by: "callback",
    channel: "c2b/validation",
    means: "may somebody pay this order? Yes: it is registered",
    settings: matching,
    register: ({ mark, amount }) => ({ kind: "c2b", provider_refs: {}, reference: mark, amount }),
    posts: made => [c2b(made, "c2b/validation")],
    answered: { status: 200, words: '"ResultCode":"0"' },
    events: [],
  },
  "c2b-validation-rejected": {
    by: "callback",
    channel: "c2b/validation",
    means: "may somebody pay this order? No: nobody knows it",
    settings: matching,
    posts: made => [c2b(made, "c2b/validation")],
    answered: { status: 200, words: '"Rejected"' },
    events: [],
  },
  "b2c-success": {
    by: "callback",
    channel: "result",
    means: "a payout arrives",
    register: payout,
    posts: made => [result(made, "completed")],
    answered: accepted,
    events: ["payout.completed"],
  },
  "b2c-failed": {
    by: "callback",
    channel: "result",
    means: "a payout fails for want of funds (1)",
    register: payout,
    posts: made => [result(made, "failed")],
    answered: accepted,
    events: ["payout.failed"],
  },
  "timeout-then-result": {
    by: "callback",
    channel: "timeout",
    means: "the queue times out, which is no failure, and the result comes after all",
    register: payout,
    posts: made => [timeout(made), result(made, "completed")],
    answered: accepted,
    events: ["payout.completed"],
  },
  "timeout-unreadable": {
    by: "callback",
    channel: "timeout",
    means: "a time-out of nothing: answered all the same, kept in quarantine",
    posts: ({ mark }) => [{ channel: "timeout", callback: jsonCallback({ message: `timed out ${mark}` }) }],
    answered: accepted,
    ends: "quarantined",
    events: [],
  },
} as const satisfies Record<string, Scenario>;
