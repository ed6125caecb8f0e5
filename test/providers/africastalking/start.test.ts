import { afterEach, beforeEach, expect, test } from "vitest";
import {
  africasTalkingCallback,
  type SimulatedAfricasTalking,
  simulateAfricasTalking,
} from "../../../src/providers/africastalking/simulator/server.ts";
import { postCallback } from "../../../src/simulator/post-callback.ts";
import { startBundle } from "../../start/start-bundle.ts";
import type { Json } from "../../support/hakika.ts";

const { connect, start, told, polled } = startBundle();
let at: SimulatedAfricasTalking;
let connection: Json;
let n = 0;

beforeEach(async () => {
  at = await simulateAfricasTalking();
  const credentials = { username: "sandbox", api_key: "api-key" };
  connection = await connect({ provider: "africastalking", credentials, base_url: at.url });
  n += 1;
});
afterEach(() => at.close());

const order = () => ({
  ...{ connection_id: connection.id, reference: `TOPUP-${n}`, phone: "+254711000001", amount: "100.00" },
  currency: "KES",
});

async function finish() {
  const { id } = at.starts.taken[0]!;
  at.ledger.settle(id, "completed");
  const callback = africasTalkingCallback(id, at.ledger.get(id)!, "completed");
  await postCallback(connection.callback_urls["airtime/status"], callback);
}

test("airtime is sent with a key of its own, accepted with its request id, and settled by its callback", async () => {
  const { status, json, text } = await start("airtime", order());
  expect([status, json.start?.state], text).toEqual([201, "accepted"]);
  const [taken] = at.starts.taken;
  expect(taken!.body).toEqual({ phoneNumber: "+254711000001", amount: "KES 100.00" });
  expect(taken!.name).toMatch(/^[0-9a-f-]{36}$/);
  expect(json.provider_refs).toEqual({ request_id: taken!.id });
  await finish();
  expect(await told(json.id, "airtime.completed")).toMatchObject({ status: "completed" });
});

test("with the callback lost a poll settles it", async () => {
  const { json } = await start("airtime", order());
  at.ledger.settle(at.starts.taken[0]!.id, "completed");
  expect(await polled(json.id, "completed")).toMatchObject({ status_source: "poll" });
});

test("a lost answer is unknown, is never sent again, and is found by its number and amount", async () => {
  at.starts.faults.push({ do: "lose-answer" });
  const lost = order();
  const { status, json } = await start("airtime", lost, `lost-${n}`);
  expect([status, json.start.state]).toEqual([202, "unknown"]);
  expect((await start("airtime", lost, `lost-${n}`)).json.id).toBe(json.id);
  expect(at.starts.taken).toHaveLength(1);
  await finish();
  expect((await told(json.id, "airtime.completed")).provider_refs).toEqual({ request_id: at.starts.taken[0]!.id });
});

test.each([
  [{ phoneNumber: "+254711000001", status: "Failed", requestId: "None", errorMessage: "Insufficient balance" }],
  [{ status: "Failed", requestId: "None", errorMessage: "A duplicate request was received within the last 5 minutes" }],
])("a recipient with the request id None is refused: %j", async response => {
  const body = { errorMessage: "None", numSent: 0, totalAmount: "0", responses: [response] };
  at.starts.faults.push({ do: "refuse", reply: { status: 201, body } });
  const { json } = await start("airtime", order());
  expect([json.status, json.start.state]).toEqual(["failed", "refused"]);
  expect(json.start.provider_message).toBe(response.errorMessage);
});

test("no recipient and a message is refused; neither of them is unknown", async () => {
  const reply = (errorMessage: string) => ({ status: 201, body: { errorMessage, numSent: 0, responses: [] } });
  at.starts.faults.push(
    { do: "refuse", reply: reply("Airtime is not enabled") },
    { do: "refuse", reply: reply("None") },
  );
  expect((await start("airtime", order())).json.start.state).toBe("refused");
  expect((await start("airtime", { ...order(), reference: `N-${n}` })).json.start.state).toBe("unknown");
});
