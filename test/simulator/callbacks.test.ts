import { expect, test } from "vitest";
import type { Says } from "../../src/domain/evidence.ts";
import { africasTalkingCallback } from "../../src/providers/africastalking/simulator/server.ts";
import { codianCallback } from "../../src/providers/codian/simulator/server.ts";
import {
  darajaC2bCallback,
  darajaPayoutCallback,
  darajaStkCallback,
} from "../../src/providers/daraja/simulator/callbacks.ts";
import { parseBody } from "../../src/providers/kit/parse-body.ts";
import { kodipayCallback } from "../../src/providers/kodipay/simulator/server.ts";
import { kyandaIpn } from "../../src/providers/kyanda/simulator/server.ts";
import { providers } from "../../src/providers/registry.ts";
import type { SimulatedCallback } from "../../src/simulator/post-callback.ts";
import type { ScriptOutcome } from "../../src/simulator/script.ts";
import { readWith } from "../providers/read-channel.ts";

const at = new Date("2025-10-18T20:30:26.000Z");
const entry = { outcome: "pending" as const, steps: [], amount: "50", phone: "254712345678", receipt: "TJIKQ7V33N" };
const money = { amount: { minor: 5000n, currency: "KES" } };

/** What the provider's own channel reads of a simulated callback. */
function read(provider: string, channel: string, { body, contentType }: SimulatedCallback) {
  const { channels } = providers.get(provider)!;
  const bytes = new TextEncoder().encode(body);
  const parsed = parseBody(bytes, contentType, channels[channel]!.forms);
  if (parsed.kind !== "object") throw new Error(body);
  const reading = readWith(channels[channel]!, parsed.value);
  if (reading.kind !== "evidence") throw new Error(reading.kind);
  return reading.findings[0];
}

const paidAndFailed: [ScriptOutcome, Says][] = [
  ["completed", "completed"],
  ["failed", "failed"],
];

test.each(paidAndFailed)("every simulated callback that says %s is read as %s", (outcome, says) => {
  const isPaid = outcome === "completed";
  const stk = read("daraja", "stk", darajaStkCallback("ws_CO_1", entry, outcome, at));
  expect(stk).toMatchObject({ says, refs: { checkout_request_id: "ws_CO_1" } });
  if (isPaid) expect(stk).toMatchObject({ ...money, occurredAt: at, phone: "+254712345678" });
  const b2c = { ...entry, conversationId: "AG_1", originatorConversationId: "1-1-1" };
  const paid = read("daraja", "result", darajaPayoutCallback(b2c, outcome, at));
  expect(paid).toMatchObject({ kind: "b2c", says, refs: { conversation_id: "AG_1" } });
  if (isPaid) expect(paid).toMatchObject({ ...money, occurredAt: at, partyName: "Jane Doe" });
  expect(read("codian", "payments", codianCallback("ws_CO_2", entry, outcome))).toMatchObject({ says });
  expect(read("kyanda", "ipn", kyandaIpn("KYA1", { ...entry, phone: "0712345678" }, outcome))).toMatchObject({
    says,
    ...money,
  });
  const airtime = { ...entry, value: "KES 50.0000", phone: "+254712345678" };
  expect(read("africastalking", "airtime/status", africasTalkingCallback("ATQ1", airtime, outcome))).toMatchObject({
    says,
    ...money,
  });
  const order = { ...entry, amount: "10.50", currency: "USD" };
  expect(read("kodipay", "callbacks", kodipayCallback("20260415A7K9P2XM1140", order, outcome))).toMatchObject({ says });
});

test("a payment to a shortcode is read with its reference, and without the masked phone", () => {
  const finding = read(
    "daraja",
    "c2b/confirmation",
    darajaC2bCallback({ ...entry, reference: "ORDER-1" }, "174379", at),
  );
  expect(finding).toMatchObject({ kind: "c2b", says: "completed", reference: "ORDER-1", ...money, occurredAt: at });
  expect(finding.phone).toBeUndefined();
});
