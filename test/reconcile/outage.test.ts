import { expect, test } from "vitest";
import { kes } from "../support/evidence.ts";
import { reconcileBundle } from "../support/reconcile-bundle.ts";
import { registrationItem, remainingTransactions } from "../support/settling.ts";

const ratePerMinute = 60;
const bundle = reconcileBundle({ settings: { reconcile: { rate_per_minute: ratePerMinute } } });
const { addPush, backdate, pass, statusCalls } = bundle;

/** Numbers of the polled pushes, in order. */
const polled = () => statusCalls().map(call => Number(call.about!.slice("ws_CO_".length)));

async function registerPushes(first: number, count: number) {
  const numbers = Array.from({ length: count }, (_, at) => first + at);
  for (const n of numbers) addPush({ id: `ws_CO_${n}`, receipt: `T${n}` });
  const items = numbers.map(n =>
    registrationItem(bundle.connection, { refs: { checkout_request_id: `ws_CO_${n}` }, amount: kes(5000) }),
  );
  await bundle.reconciler.settle(...items);
}

test("an outage of hours costs few calls, and its backlog is polled at the allowed rate, the newest first", async () => {
  await registerPushes(0, 200);
  bundle.daraja.ledger.outage({ do: "break", status: 500 });
  await backdate(31);
  expect(await pass()).toMatchObject({ polled: 0, errors: 5, rate_limited: 195 });
  const callsBefore = polled().length;
  expect(callsBefore).toBe(5);
  // Six hours of passes: each finds the breaker open, or makes one call.
  for (let hour = 0; hour < 6; hour += 1) {
    await backdate(3600);
    expect(await pass()).toMatchObject({ polled: 0, errors: 1 });
    expect(await pass()).toMatchObject({ polled: 0, errors: 0, rate_limited: 199 });
  }
  expect(polled().length).toBe(callsBefore + 6);

  bundle.daraja.ledger.outage(null);
  bundle.daraja.calls.splice(0);
  await backdate(3600);
  await registerPushes(1000, 10);
  await backdate(31);
  const passes = [await pass()];
  expect(passes[0]).toMatchObject({ polled: ratePerMinute, settled: ratePerMinute, errors: 0, rate_limited: 150 });
  const [newest, others] = [polled().slice(0, 10), polled().slice(10)];
  expect(newest.every(n => n >= 1000)).toBe(true);
  expect(Math.min(...others)).toBeGreaterThan(130);
  while (passes.at(-1)!.rate_limited > 0) {
    await backdate(62);
    passes.push(await pass());
  }
  expect(passes.map(p => p.polled)).toEqual([60, 60, 60, 30]);
  const transactions = await remainingTransactions(bundle.sql, bundle.connection);
  expect(transactions.filter(t => t.status !== "completed")).toEqual([]);
  expect(new Set(polled()).size).toBe(210);
}, 60_000);
