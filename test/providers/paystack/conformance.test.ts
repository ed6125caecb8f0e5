import { hmacOf } from "../../../src/providers/kit/hmac-proof.ts";
import { paystack } from "../../../src/providers/paystack/paystack.ts";
import { saysByEvent } from "../../../src/providers/paystack/statuses.ts";
import { conformance } from "../conformance.ts";
import { loadSpecimens } from "../specimen.ts";

const key = "sk_test_invented";

conformance(paystack, loadSpecimens("paystack"), {
  tables: { webhook: saysByEvent },
  proof: {
    credentials: { secret_key: key },
    sign(callback) {
      const signature = hmacOf(callback.body, key, { algorithm: "sha512", encoding: "hex" });
      return { ...callback, headers: { ...callback.headers, "x-paystack-signature": signature } };
    },
  },
});
