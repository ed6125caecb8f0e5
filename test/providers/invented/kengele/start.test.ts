import { expect, test } from "vitest";
import type { ProviderResponse } from "../../../../src/providers/call.ts";
import type { StartOrder } from "../../../../src/providers/start.ts";
import { kengele } from "./kengele.ts";

const order: StartOrder = {
  environment: "sandbox",
  credentials: { consumer_key: "key", consumer_secret: "secret" },
  settings: {},
  callbackUrls: {},
  registeredIds: { notice_id: "notice-1" },
  now: new Date("2026-11-20T09:00:00Z"),
  kind: "checkout",
  id: "6f1d7007-9d8f-4a64-8b2a-96adb6802a64",
  reference: "order 1",
  amount: { minor: 5000n, currency: "KES" },
  phone: null,
  account: null,
  description: "Tea",
  reverses: null,
  options: { branch: "Kisumu" },
};

function answer(status: number, body: unknown): ProviderResponse {
  return { kind: "answer", status, headers: {}, body: new TextEncoder().encode(JSON.stringify(body)) };
}

test("a start names the id of the registered callback URL, and is refused before the call without one", () => {
  const request = kengele.start!.request(order);
  if (request.kind !== "call") throw new Error("no call");
  expect(request.call).toMatchObject({ method: "POST", path: "/orders", auth: "bearer" });
  expect(JSON.parse(request.call.body!)).toMatchObject({ amount: "50.00", noticeId: "notice-1", branch: "Kisumu" });
  expect(kengele.start!.request({ ...order, registeredIds: {} }).kind).toBe("problems");
});

test("an answer accepts, refuses, or leaves open whether the order was accepted", () => {
  const read = (status: number, body: unknown) => kengele.start!.read(answer(status, body), order);
  expect(read(200, { trackingId: "K-9", url: "https://pay.kengele.example/K-9" })).toEqual({
    kind: "accepted",
    refs: { tracking_id: "K-9" },
    message: null,
    redirectUrl: "https://pay.kengele.example/K-9",
  });
  expect(read(400, { code: "bad-amount" })).toMatchObject({ kind: "refused", code: "bad-amount" });
  expect(read(200, {})).toMatchObject({ kind: "unknown" });
  expect(read(503, {})).toMatchObject({ kind: "unavailable" });
});
