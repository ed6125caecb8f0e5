import { hmacOf } from "../../../src/providers/kit/hmac-proof.ts";
import { kopokopo } from "../../../src/providers/kopokopo/kopokopo.ts";
import { apiKey, resourceOf } from "../../../src/providers/kopokopo/simulator/api.ts";
import { jsonCallback, type SimulatedCallback } from "../../../src/simulator/post-callback.ts";
import { wholeWay } from "../whole-way.ts";

function sign(callback: SimulatedCallback): SimulatedCallback {
  const signature = hmacOf(Buffer.from(callback.body), apiKey, { algorithm: "sha256", encoding: "hex" });
  return { ...callback, headers: { "x-kopokopo-signature": signature } };
}

wholeWay(kopokopo, {
  scenario: "stk-success",
  sign,
  registers: ["webhook"],
  // The till's webhook about a push's payment.
  alsoTold: sample => ({
    channel: "webhook",
    callback: jsonCallback({
      topic: "buygoods_transaction_received",
      event: { type: "Buygoods Transaction", resource: resourceOf(sample, "Received") },
    }),
  }),
});
