import { pino } from "pino";
import { expect, test } from "vitest";
import type { DeliveryOutcome } from "../../src/deliver/attempt/record-store.ts";
import { createRecorder } from "../../src/deliver/attempt/recorder.ts";
import { limitsByDefault } from "../../src/deliver/limits.ts";
import { claimDue } from "../../src/deliver/queue/claim-store.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { silentTelemetry } from "../support/silent-telemetry.ts";
import { deliverBundle, eventsOf } from "./deliver-bundle.ts";

const shard = 18;
const bundle = deliverBundle(shard);

/** A recorder, the lines it logs, and the outcomes of some leased deliveries of one endpoint. */
async function start(count: number) {
  const merchant = await bundle.startMerchant();
  const endpoint = await bundle.addEndpoint(merchant);
  await bundle.publish(null, eventsOf(endpoint.merchantId, count));
  const leaseId = newUuid(shard);
  const requests = [{ endpointId: endpoint.id, capacity: count, dueWithinMs: null }];
  const { claimed } = await claimDue(bundle.sql, shard, requests, { id: leaseId, ms: 30_000 });
  const answered = { startedAt: new Date(), latencyMs: 1, delayMs: 5000, status: 500, error: null, answer: "sorry" };
  const outcomes = claimed.map((delivery): DeliveryOutcome => ({ ...delivery, ...answered, leaseId, kind: "retry" }));
  const lines: { msg: string }[] = [];
  const recorder = createRecorder({
    now: () => new Date(),
    sql: bundle.sql,
    log: pino({ level: "debug" }, { write: line => lines.push(JSON.parse(line)) }),
    limits: limitsByDefault,
    telemetry: silentTelemetry,
    onNextDue: () => {},
  });
  return { endpoint, outcomes, recorder, messages: () => lines.map(line => line.msg) };
}

test("outcomes of one moment are recorded together, and each promise says what was recorded", async () => {
  const { endpoint, outcomes, recorder, messages } = await start(3);
  const [first, ...others] = outcomes;
  const results = [{ ...first!, kind: "delivered" as const }, ...others].map(o => recorder.record(shard, o));
  expect(recorder.waiting()).toBe(3);
  expect((await Promise.all(results)).map(result => result?.kind)).toEqual(["delivered", "retry", "retry"]);
  expect(recorder.waiting()).toBe(0);
  expect(await bundle.deliveries(endpoint)).toMatchObject([
    { state: "delivered", attempts: 1, round: null },
    { state: "pending", attempts: 1, round: 1 },
    { state: "pending", attempts: 1, round: 1 },
  ]);
  expect(messages()).toEqual([]);
});

test("an outcome whose lease was lost is dropped, and the others of its batch are recorded", async () => {
  const { outcomes, recorder, messages } = await start(2);
  const lost = recorder.record(shard, { ...outcomes[0]!, leaseId: newUuid(shard) });
  const held = recorder.record(shard, outcomes[1]!);
  expect(await lost).toBeNull();
  expect(await held).toMatchObject({ kind: "retry" });
  expect(messages()).toEqual(["delivery results dropped: their leases were lost"]);
});

test("an outcome that the database rejects is recorded without its texts, and the others of its batch with theirs", async () => {
  const { outcomes, recorder, messages } = await start(9);
  const results = outcomes.map((outcome, at) =>
    recorder.record(shard, at === 4 ? { ...outcome, error: "no \0 in PostgreSQL" } : outcome),
  );
  expect((await Promise.all(results)).map(result => result?.kind)).toEqual(Array(9).fill("retry"));
  const answers = await Promise.all(outcomes.map(o => bundle.attempts({ id: o.deliveryId })));
  expect(answers.flat().map(row => row.answer)).toEqual(outcomes.map((_, at) => (at === 4 ? null : "sorry")));
  expect(messages()).toEqual(["delivery result rejected by database; storing without response text"]);
});

test("an outcome that the database rejects also without its text is dropped", async () => {
  const { outcomes, recorder, messages } = await start(2);
  const rejected = recorder.record(shard, { ...outcomes[0]!, status: 99_999 });
  const other = recorder.record(shard, outcomes[1]!);
  expect(await rejected).toBeNull();
  expect(await other).toMatchObject({ kind: "retry" });
  expect(recorder.waiting()).toBe(0);
  expect(messages()).toEqual([
    "delivery result rejected by database; storing without response text",
    "delivery result rejected by database; dropped",
  ]);
});

test("a flush records at once, and resolves when all outcomes are recorded", async () => {
  const { endpoint, outcomes, recorder } = await start(3);
  for (const outcome of outcomes) void recorder.record(shard, { ...outcome, kind: "delivered", status: 200 });
  await recorder.flush();
  expect(recorder.waiting()).toBe(0);
  expect((await bundle.deliveries(endpoint)).map(row => row.state)).toEqual(Array(3).fill("delivered"));
});
