import { expect, test } from "vitest";
import type { ScriptOutcome, ScriptStep } from "../../src/simulator/script.ts";
import { callbackSays, kes } from "../support/evidence.ts";
import { reconcileBundle } from "../support/reconcile-bundle.ts";
import { evidenceItem } from "../support/settling.ts";
import { testReconciler } from "../support/test-reconciler.ts";

const bundle = reconcileBundle();
const { addPush, registerPush, backdate, pass, transaction, eventTypes, statusCalls } = bundle;

const amount = kes(5000);

/** A registered push. The simulated Daraja answers as `steps` say, and then with the outcome. */
async function push(steps: ScriptStep[], outcome: ScriptOutcome = "completed") {
  addPush({ outcome, steps });
  await registerPush();
}

const entry = async () => (await bundle.entries())[0];

const raw = (status: number, body: object | string): ScriptStep => ({ do: "raw", status, body });
const refusal = (errorCode: string, errorMessage: string) => ({ requestId: "1-1-1", errorCode, errorMessage });
const result = (ResultCode: string) => ({
  ResponseCode: "0",
  ResponseDescription: "Accepted",
  MerchantRequestID: "1-1-1",
  CheckoutRequestID: "ws_CO_1",
  ResultCode,
  ResultDesc: "said so",
});

const answered: [string, ScriptStep][] = [
  ["4999", raw(200, result("4999"))],
  ["an unknown code", raw(200, result("777"))],
  ["500.001.1001, being processed", raw(500, refusal("500.001.1001", "The transaction is being processed"))],
  ["500.001.1001 without a message", raw(500, refusal("500.001.1001", ""))],
  ["400.002.02, asked too early", raw(400, refusal("400.002.02", "Bad Request - Invalid CheckoutRequestID"))],
  ["The transaction does not Exist", raw(400, refusal("400.002.02", "The transaction does not Exist"))],
];

test.each(answered)(
  "a push answered with %s stays pending and is polled again at the next poll time",
  async (_, step) => {
    await push([step]);
    await backdate(31);
    expect(await pass()).toMatchObject({ polled: 1, pending: 1, settled: 0, errors: 0 });
    expect(await transaction()).toMatchObject({ status: "pending", review: null });
    const waiting = await entry();
    expect(waiting).toMatchObject({ tries: 1, failures: 0 });
    expect(waiting!.due_in).toBeGreaterThan(25);
    expect(waiting!.due_in).toBeLessThan(30);
    expect(await pass()).toMatchObject({ polled: 0 });
    await backdate(30);
    expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
    expect(statusCalls()).toHaveLength(2);
  },
);

const throttling: [string, ScriptStep, number][] = [
  ["a spike arrest", { do: "throttle", as: "spike-arrest" }, 30],
  ["a spike arrest with Retry-After", { do: "throttle", as: "spike-arrest", retryAfterS: 7 }, 7],
  ["500.003.02", { do: "throttle", as: "json" }, 30],
  ["an empty 429", { do: "throttle" }, 30],
];

test.each(throttling)("%s pauses the connection and counts no try", async (_, step, pauseS) => {
  await push([step]);
  await backdate(31);
  expect(await pass()).toMatchObject({ polled: 0, errors: 0, rate_limited: 1 });
  expect(await entry()).toMatchObject({ tries: 0, failures: 0 });
  expect(await pass()).toMatchObject({ polled: 0, rate_limited: 1 });
  await backdate(pauseS - 2);
  expect(await pass()).toMatchObject({ polled: 0, rate_limited: 1 });
  await backdate(3);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
  expect(statusCalls()).toHaveLength(2);
});

const silent: [string, ScriptStep[], number][] = [
  ["a page of HTML with 500", [{ do: "break", status: 500 }], 1],
  ["200 with HTML", [raw(200, "<html>Incapsula</html>")], 1],
  ["200 with nothing", [raw(200, "")], 1],
  ["three broken connections in a row", [{ do: "cut" }, { do: "cut" }, { do: "cut" }], 3],
  ["three gateway time-outs in a row", [504, 503, 502].map(status => ({ do: "break", status }) as ScriptStep), 3],
];

test.each(silent)("%s is no answer: no try is counted, and the push is polled again soon", async (_, steps, calls) => {
  await push(steps);
  await backdate(31);
  expect(await pass()).toMatchObject({ polled: 0, errors: 1, rate_limited: 0 });
  expect(statusCalls()).toHaveLength(calls);
  expect(await transaction()).toMatchObject({ status: "pending", review: null });
  expect(await entry()).toMatchObject({ tries: 0, failures: 1 });
  await backdate(31);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
});

test("gateway errors are retried within the poll", async () => {
  await push([{ do: "break", status: 502 }, { do: "cut" }]);
  await backdate(31);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1, errors: 0 });
});

test("a call that gets no answer in time fails, and the push is polled again", async () => {
  await push([{ do: "hang" }]);
  await backdate(31);
  const { egress } = bundle.reconciler.deps;
  const impatient = testReconciler(bundle.sql, {
    egress: { send: request => egress.send({ ...request, timeoutMs: 300 }) },
  });
  expect(await impatient.pass({ connectionId: bundle.connection.id })).toMatchObject({ polled: 0, errors: 1 });
  await impatient.close();
  expect(await entry()).toMatchObject({ tries: 0, failures: 1 });
});

test("a failure that a poll reports is polled once more, after the prompt has ended, before it settles", async () => {
  await push([], "failed");
  await backdate(31);
  expect(await pass()).toMatchObject({ polled: 1, pending: 1 });
  expect(await transaction()).toMatchObject({ status: "pending", review: null });
  await backdate(30);
  expect(await pass()).toMatchObject({ polled: 1, pending: 1 });
  expect(await transaction()).toMatchObject({ status: "pending" });
  await backdate(30);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
  const t = await transaction();
  expect(t).toMatchObject({ status: "failed", statusSource: "poll", result: { code: "1032" } });
  expect(await eventTypes()).toEqual(["payment.failed"]);
});

test("a failure that is first reported after hours is polled again within the minute, not at the next poll time", async () => {
  await push([], "failed");
  await backdate(50_000);
  expect(await pass()).toMatchObject({ polled: 1, pending: 1 });
  expect((await entry())!.due_in).toBeLessThan(31);
  await backdate(31);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
});

test("a reported failure that turns into a success has no event of a failure", async () => {
  await push([{ do: "say", outcome: "failed" }], "completed");
  await backdate(31);
  await pass();
  await backdate(60);
  expect(await pass()).toMatchObject({ settled: 1 });
  expect(await eventTypes()).toEqual(["payment.completed"]);
});

test("an answer that comes after a callback has settled is kept: a failure against a success is a conflict", async () => {
  const failed: ScriptStep = { do: "say", outcome: "failed" };
  await push([failed, { do: "late", ms: 300, step: failed }]);
  const identity = ["checkout_request_id:ws_CO_1", "receipt:TJIKQ7V33N"];
  await backdate(100);
  await pass();
  await backdate(31);
  const polling = pass();
  await bundle.daraja.until(() => statusCalls().length === 2);
  const callback = callbackSays("completed", { identity, refs: { receipt: "TJIKQ7V33N" }, amount });
  await bundle.reconciler.settle(evidenceItem(bundle.connection, callback));
  expect(await transaction()).toMatchObject({ status: "completed", review: null });
  expect(await polling).toMatchObject({ polled: 1, settled: 1 });
  expect(await transaction()).toMatchObject({ status: "completed", review: { reason: "conflict" } });
  expect(await entry()).toBeUndefined();
});

test("a refused token is replaced once within the poll", async () => {
  await push([{ do: "refuse-token" }]);
  await backdate(31);
  expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
  expect(bundle.daraja.tokens.issued()).toBe(2);
});

test("a token refused twice pauses the connection, and counts no try", async () => {
  await push([{ do: "refuse-token" }, { do: "refuse-token" }]);
  await backdate(31);
  expect(await pass()).toMatchObject({ polled: 0, errors: 1 });
  expect(bundle.daraja.tokens.issued()).toBe(2);
  expect(await entry()).toMatchObject({ tries: 0 });
  expect(await pass()).toMatchObject({ polled: 0, rate_limited: 1 });
  const { id } = bundle.connection;
  const [limits] = await bundle.sql`select pause_reason from connection_pace where connection_id = ${id}`;
  expect(limits).toEqual({ pause_reason: "credentials" });
  await bundle.sql`update connections set updated_at = now() where id = ${id}`;
  expect(await pass()).toMatchObject({ polled: 1, settled: 1 });
});
