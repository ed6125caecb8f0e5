import { expect, test } from "vitest";
import { type Heard, judge, type Outcome } from "../../chaos/judge.ts";

const heard = (sequence: number, more: Partial<Heard> = {}): Heard => ({
  webhookId: `evt_${sequence}`,
  type: sequence === 2 ? "payment.completed" : "payment.pending",
  transactionId: "txn_1",
  sequence,
  body: `body ${sequence}`,
  problem: null,
  ...more,
});

/** One payment, told to one endpoint by two events. */
function sound(): Outcome {
  return {
    payments: [{ checkoutId: "ws_1", registered: true, called: true, forged: false }],
    heard: new Map([["A1", [heard(1), heard(2)]]]),
    kept: {
      callbacks: new Set(["ws_1"]),
      transactions: new Map([["ws_1", [{ id: "txn_1", status: "completed" }]]]),
      events: [
        { transactionId: "txn_1", sequence: 1, type: "payment.pending", endpoints: ["A1"] },
        { transactionId: "txn_1", sequence: 2, type: "payment.completed", endpoints: ["A1"] },
      ],
      stuck: { inbox_queue: 0, delivery_queue: 0 },
    },
    calls: [{ connection: "A", most: 60, allowed: 60 }],
    doctor: [],
  };
}

const told = (...events: Heard[]): Outcome => ({ ...sound(), heard: new Map([["A1", events]]) });
const keeping = (kept: Partial<Outcome["kept"]>): Outcome => ({ ...sound(), kept: { ...sound().kept, ...kept } });

test("what is sound has no problem, a repeated request under one webhook-id included", () => {
  expect(judge(sound())).toEqual([]);
  expect(judge(told(heard(1), heard(1), heard(2)))).toEqual([]);
});

test("a lost callback and a lost registration are found", () => {
  expect(judge(keeping({ callbacks: new Set() }))).toEqual(["ws_1: its accepted callback is lost"]);
  expect(judge(keeping({ transactions: new Map() }))).toEqual(["ws_1: its accepted registration is lost"]);
});

test("an event that came doubled, in a wrong order, changed, unsigned or never is found", () => {
  const again = heard(2, { webhookId: "evt_other" });
  expect(judge(told(heard(1), heard(2), again))).toEqual(["A1: an event of txn_1 came doubled"]);
  expect(judge(told(heard(2), heard(1)))).toEqual(["A1: events of txn_1 came in the order 2, 1"]);
  const changed = heard(2, { body: "another" });
  expect(judge(told(heard(1), heard(2), changed))).toEqual(["A1: evt_2 came with another body"]);
  expect(judge(told(heard(1), heard(2, { problem: "unsigned" })))).toEqual(["A1: evt_2: unsigned"]);
  expect(judge(told(heard(1)))).toEqual(["A1: it was never told payment.completed (2) of txn_1"]);
});

test("one payment that became two, two events of one change, and a wrong status are found", () => {
  const twice = [
    { id: "txn_1", status: "completed" },
    { id: "txn_2", status: "completed" },
  ];
  expect(judge(keeping({ transactions: new Map([["ws_1", twice]]) }))).toEqual(["ws_1: it became 2 transactions"]);
  const pending = new Map([["ws_1", [{ id: "txn_1", status: "pending" }]]]);
  expect(judge(keeping({ transactions: pending }))).toEqual(["ws_1: it is pending, and was paid"]);
  const events = [
    ...sound().kept.events,
    { transactionId: "txn_1", sequence: 3, type: "payment.completed", endpoints: [] },
  ];
  expect(judge(keeping({ events }))).toEqual(["ws_1: it has 2 events of its completion"]);
});

test("a forged callback that settled, a stuck row, a call too many and the doctor's problems are found", () => {
  const forged = [{ checkoutId: "ws_1", registered: false, called: true, forged: true }];
  expect(judge({ ...sound(), payments: forged })).toEqual(["ws_1: a forged callback settled it"]);
  expect(judge(keeping({ stuck: { inbox_queue: 3 } }))).toEqual(["3 rows are stuck in inbox_queue"]);
  expect(judge({ ...sound(), calls: [{ connection: "A", most: 61, allowed: 60 }] })).toHaveLength(1);
  expect(judge({ ...sound(), doctor: ["status differs"] })).toEqual(["doctor: status differs"]);
});
