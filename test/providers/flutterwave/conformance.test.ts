import { flutterwave } from "../../../src/providers/flutterwave/flutterwave.ts";
import { saysByStatus } from "../../../src/providers/flutterwave/payment.ts";
import { hmacOf } from "../../../src/providers/kit/hmac-proof.ts";
import { conformance } from "../conformance.ts";
import { loadSpecimens } from "../specimen.ts";

const hash = "an-invented-secret-hash";

conformance(flutterwave, loadSpecimens("flutterwave"), {
  tables: { webhook: saysByStatus },
  proof: {
    credentials: { secret_hash: hash },
    sign(callback) {
      const signature = hmacOf(callback.body, hash, { algorithm: "sha256", encoding: "base64" });
      return { ...callback, headers: { ...callback.headers, "flutterwave-signature": signature } };
    },
  },
});
