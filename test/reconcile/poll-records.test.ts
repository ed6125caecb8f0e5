import { expect, test } from "vitest";
import { dropOldPolls } from "../../src/reconcile/poll/old-polls-store.ts";
import type { ScriptStep } from "../../src/simulator/script.ts";
import { reconcileBundle } from "../support/reconcile-bundle.ts";
import { testReconciler } from "../support/test-reconciler.ts";

const bundle = reconcileBundle();
const { addPush, registerPush, backdate, pass, transaction } = bundle;

const pollsOf = async (id: string) => [
  ...(await bundle.sql`
    select at, outcome, reason, latency_ms from polls
    where shard = ${bundle.connection.shard} and transaction_id = ${id} order by id`),
];
const polls = async () => await pollsOf((await transaction()).id);

async function duePush(step: ScriptStep) {
  addPush({ steps: [step] });
  await registerPush();
  await backdate(31);
}

const raw = (status: number, body: object | string): ScriptStep => ({ do: "raw", status, body });

const outcomes: [string, ScriptStep, { outcome: string; reason: string | null }][] = [
  ["a success", { do: "say", outcome: "completed" }, { outcome: "answered", reason: "completed, code 0" }],
  [
    "a failure that is not believed yet",
    { do: "say", outcome: "failed" },
    { outcome: "answered", reason: "failed, code 1032, not believed yet" },
  ],
  ["a push in process", { do: "say", outcome: "pending" }, { outcome: "not-yet", reason: "code 500.001.1001" }],
  ["an unknown push", { do: "deny" }, { outcome: "not-found", reason: null }],
  ["a throttle", { do: "throttle", as: "json", retryAfterS: 7 }, { outcome: "throttled", reason: "Retry-After 7 s" }],
  ["a broken server", { do: "break", status: 500 }, { outcome: "unavailable", reason: "HTTP 500" }],
  [
    "an answer about another push",
    raw(200, { ResponseCode: "0", ResultCode: "0", CheckoutRequestID: "ws_CO_2" }),
    { outcome: "not-yet", reason: "the answer is about another push" },
  ],
];

test.each(outcomes)("a poll that ended with %s is recorded", async (_, step, expected) => {
  await duePush(step);
  await pass();
  expect(await polls()).toEqual([{ ...expected, at: expect.any(Date), latency_ms: expect.any(Number) }]);
});

test("a refused token is recorded once it is refused for the second time", async () => {
  addPush({ steps: [{ do: "refuse-token" }, { do: "refuse-token" }] });
  await registerPush();
  await backdate(31);
  await pass();
  expect(await polls()).toMatchObject([{ outcome: "credentials-refused" }]);
});

test("a poll on request of a person is recorded as any other", async () => {
  await duePush({ do: "say", outcome: "pending" });
  await bundle.reconciler.pollNow(await transaction());
  expect(await polls()).toMatchObject([{ outcome: "not-yet" }]);
});

test("polls are kept in their order, and an answer that says nothing of the status is no evidence", async () => {
  await duePush({ do: "say", outcome: "pending" });
  await pass();
  await backdate(30);
  await pass();
  expect((await polls()).map(poll => poll.outcome)).toEqual(["not-yet", "answered"]);
  const t = await transaction();
  const evidence = await bundle.sql`select says from evidence where transaction_id = ${t.id}`;
  expect(evidence.map(e => e.says)).toEqual(["completed"]);
});

test("polls that are older than bodies are kept are deleted, and newer ones stay", async () => {
  await duePush({ do: "say", outcome: "pending" });
  await pass();
  await dropOldPolls(bundle.sql, 1);
  expect(await polls()).toHaveLength(1);
  const { shard, id } = await transaction();
  // The id of a transaction says when it was made: one from three days ago.
  const old = "01900000-0000-7000-8000-000000000001";
  await bundle.sql`
    insert into polls (shard, transaction_id, id, at, outcome) select shard, ${old}, id, at - interval '2 days', outcome
    from polls where shard = ${shard} and transaction_id = ${id}`;
  await dropOldPolls(bundle.sql, 1);
  expect(await pollsOf(old)).toEqual([]);
  expect(await polls()).toHaveLength(1);
});

test("a poll whose lease was lost is recorded, because the provider was asked", async () => {
  addPush({ steps: [{ do: "late", ms: 300, step: { do: "say", outcome: "failed" } }] });
  await registerPush();
  await backdate(31);
  const late = testReconciler(bundle.sql);
  const stopped = late.pass({ connectionId: bundle.connection.id });
  await bundle.daraja.until(calls => calls.some(call => call.what === "status"));
  await bundle.sql`update poll_queue set due_at = now() - interval '1 second' where connection_id = ${bundle.connection.id}`;
  await pass();
  await stopped;
  await late.close();
  expect((await polls()).map(poll => poll.reason).sort()).toEqual([
    "completed, code 0",
    "failed, code 1032, not believed yet",
  ]);
});
