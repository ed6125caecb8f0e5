import { hmacOf } from "../../../src/providers/kit/hmac-proof.ts";
import { paystack } from "../../../src/providers/paystack/paystack.ts";
import { secretKey } from "../../../src/providers/paystack/simulator/api.ts";
import type { SimulatedCallback } from "../../../src/simulator/post-callback.ts";
import { wholeWay } from "../whole-way.ts";

function sign(callback: SimulatedCallback): SimulatedCallback {
  const signature = hmacOf(Buffer.from(callback.body), secretKey, { algorithm: "sha512", encoding: "hex" });
  return { ...callback, headers: { "x-paystack-signature": signature } };
}

wholeWay(paystack, {
  scenario: "charge-success",
  sign,
  disputes: sample =>
    ["charge.dispute.create", "charge.dispute.remind"].map(event => ({
      contentType: "application/json",
      body: JSON.stringify({ event, data: { id: 1, category: "fraud", transaction: { reference: sample.mark } } }),
    })),
});
