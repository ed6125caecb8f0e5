import { expect, test } from "vitest";
import { newDataFolder } from "../support/data-folder.ts";
import { linesOf, runHakika } from "./run-hakika.ts";

const minutes = 60_000;

test("on a bare data folder a payment is followed from the provider to the merchant, and all is well afterwards", {
  timeout: 4 * minutes,
}, async () => {
  const env = { HAKIKA_DATA_DIR: newDataFolder() };
  const first = await runHakika(["simulate", "daraja", "stk-success"], env);
  expect(first).toMatchObject({ code: 0, err: "" });
  for (const step of ["registered", "posted", "answered", "settled", "delivered", "verified", "passed"]) {
    expect(first.out).toMatch(new RegExp(`^ +\\d+ ms {2}${step} `, "m"));
  }
  expect(first.out).not.toMatch(/\/in\/daraja\/(?!\[token\])/);

  const again = await runHakika(["simulate", "daraja", "stk-success", "--json"], env);
  const steps = linesOf(again.out);
  expect(again.code).toBe(0);
  expect(steps.at(-1)).toMatchObject({ step: "passed", passed: true, sent: 1, events: ["payment.completed"] });

  const merchants = await runHakika(["merchants", "list", "--json"], env);
  expect(JSON.parse(merchants.out).data).toEqual([expect.objectContaining({ name: "Simulation" })]);
  const listed = await runHakika(["transactions", "list"], env);
  expect(listed.out).toMatch(/daraja stk_push {2}sandbox {6}completed {2}KES 50\.00 {2}\+2547\*{5}021/);

  const doctor = await runHakika(["doctor"], env);
  expect(doctor).toMatchObject({
    code: 0,
    out: expect.stringMatching(/2 transactions recomputed[\s\S]*No problems/),
  });
});

test("callbacks duplicated, reordered, late, lost and forged come to one event each", {
  timeout: 4 * minutes,
}, async () => {
  const env = { HAKIKA_DATA_DIR: newDataFolder() };
  const { code, out, err } = await runHakika(["simulate", "daraja", "stk-success", "--chaos", "--json"], env);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const verdict = linesOf(out).at(-1) as { trials: { kind: string; outcome: string; played: { events: string[] } }[] };
  expect(verdict.trials.map(({ kind, outcome }) => [kind, outcome])).toEqual([
    ["duplicated", "held"],
    ["reordered", "held"],
    ["late", "held"],
    ["lost", "held"],
    ["forged", "held"],
  ]);
  for (const { played } of verdict.trials) {
    expect(played.events.filter(type => type === "payment.completed")).toEqual(["payment.completed"]);
  }
});

test("what can be simulated is listed without a database", { timeout: minutes }, async () => {
  const { code, out } = await runHakika(["simulate"], { HAKIKA_DATA_DIR: "/nonexistent" });
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/daraja +stk-success +stk +a push is paid/) });
});
