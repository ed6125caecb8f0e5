import { afterAll, beforeAll, expect, test } from "vitest";
import { limits } from "../../src/telemetry/limits.ts";
import { browser } from "../console/browser.ts";
import { type Program, runProgram } from "../support/program.ts";

let program: Program;
beforeAll(async () => {
  program = await runProgram(undefined, {
    HAKIKA_LIMIT_ENDPOINTS: "1",
    HAKIKA_LIMIT_CONNECTIONS: "1",
    HAKIKA_LIMIT_KEYS: "1",
    HAKIKA_LIMIT_CALLS_PER_S: "1",
  });
});
afterAll(() => program?.stop());

/** How often each limit turned something away, by its label. */
async function reached(): Promise<Record<string, number>> {
  const text = await (await fetch(`${program.url}/metrics`)).text();
  const series = [...text.matchAll(/^hakika_limit_reached_total\{limit="(\w+)"\} (\d+)$/gm)];
  return Object.fromEntries(series.map(([, name, value]) => [name, Number(value)]));
}

test("what each limit turned away is counted by its name, from 0", async () => {
  const none = Object.fromEntries(Object.keys(limits).map(name => [name, 0]));
  expect(await reached()).toEqual(none);

  const { id: merchant_id, key } = await program.newMerchant("Duka");
  const endpoint = { merchant_id, url: "https://a.example" };
  const connection = { merchant_id, provider: "codian", environment: "sandbox" };
  expect((await program.call("POST", "/v1/endpoints", endpoint)).status).toBe(201);
  expect((await program.call("POST", "/v1/endpoints", endpoint)).status).toBe(422);
  const { callback_urls } = (await program.call("POST", "/v1/connections", connection)).json;
  expect((await program.call("POST", "/v1/connections", connection)).json.type).toBe("limit-reached");
  expect((await program.call("POST", `/v1/merchants/${merchant_id}/api-keys`, { name: "x" })).status).toBe(422);

  const calls = await Promise.all(
    Array.from({ length: 30 }, () => program.call("GET", "/v1/merchants", undefined, key)),
  );
  const refusedCalls = calls.filter(({ status }) => status === 429).length;
  expect(refusedCalls).toBeGreaterThan(10);

  for (let sent = 0; sent < 62; sent += 1) {
    expect((await fetch(callback_urls.payments, { method: "POST", body: `not JSON ${sent}` })).status).toBe(400);
  }
  const visitor = browser(program.url);
  for (let tried = 0; tried < 12; tried += 1) await visitor.send("/console/login", { key: "wrong" });

  expect(await reached()).toEqual({
    ...none,
    ...{ endpoints: 1, connections: 1, keys: 1, calls: refusedCalls, refused_callbacks: 2, sign_ins: 2 },
  });
});
