import { flutterwave } from "../../../src/providers/flutterwave/flutterwave.ts";
import { numberOf, secretHash } from "../../../src/providers/flutterwave/simulator/api.ts";
import { hmacOf } from "../../../src/providers/kit/hmac-proof.ts";
import type { SimulatedCallback } from "../../../src/simulator/post-callback.ts";
import { wholeWay } from "../whole-way.ts";

function sign(callback: SimulatedCallback): SimulatedCallback {
  const form = { algorithm: "sha256", encoding: "base64" } as const;
  return { ...callback, headers: { "flutterwave-signature": hmacOf(Buffer.from(callback.body), secretHash, form) } };
}

wholeWay(flutterwave, {
  scenario: "charge-success",
  sign,
  disputes: sample =>
    ["chargeback.created", "chargeback.reminder"].map(type => ({
      contentType: "application/json",
      body: JSON.stringify({ type, data: { id: "chb_1", transaction_id: numberOf(sample), reason: "fraud" } }),
    })),
});
