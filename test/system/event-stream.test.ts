import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { adminKey, api, openShop, startTestHakika } from "../support/hakika.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database?.drop());

test("a stream says an event as the endpoint got it, and ends at once when the program stops", async () => {
  const running = await startTestHakika(database.url);
  const { merchantId, merchant } = await openShop(running);
  const headers = { authorization: `Bearer ${adminKey}` };
  const stream = await fetch(`${running.url}/v1/events/stream?merchant_id=${merchantId}`, { headers });
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  let heard = "";
  while (heard === "") heard += (await reader.read()).value ?? "";
  const [endpoint] = (await api(running, "GET", "/v1/endpoints")).data;
  await api(running, "POST", `/v1/endpoints/${endpoint.id}/test`, {});
  const [event] = await merchant.until(events => events.length > 0);
  while (!heard.includes("data:")) heard += (await reader.read()).value ?? "";
  expect(heard.split("\n").find(line => line.startsWith("data: "))).toBe(`data: ${event!.body}`);

  const startedAt = performance.now();
  const stopped = running.stop();
  for (let ended = false; !ended; ) ended = (await reader.read()).done;
  await stopped;
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  await merchant.close();
});
