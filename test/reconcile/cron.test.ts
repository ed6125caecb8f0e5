import { expect, test } from "vitest";
import { startReconcileCron } from "../../src/reconcile/cron.ts";
import { silentLog } from "../support/silent-log.ts";

test("a cron runs passes one at a time, and stopping waits for the running one", async () => {
  let started = 0;
  let ended = 0;
  let onStart: () => void = () => {};
  const first = new Promise<void>(resolve => {
    onStart = resolve;
  });
  const cron = startReconcileCron(
    "* * * * * *",
    async signal => {
      started += 1;
      onStart();
      await new Promise(resolve => signal.addEventListener("abort", resolve));
      ended += 1;
    },
    silentLog,
  );
  await first;
  await cron.stop();
  expect([started, ended]).toEqual([1, 1]);
});

test("without a cron expression no pass is scheduled", async () => {
  const cron = startReconcileCron(null, () => Promise.reject(new Error("never")), silentLog);
  await cron.stop();
});
