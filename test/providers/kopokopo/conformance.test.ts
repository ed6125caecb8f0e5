import { hmacOf } from "../../../src/providers/kit/hmac-proof.ts";
import { kopokopo } from "../../../src/providers/kopokopo/kopokopo.ts";
import { saysByStatus } from "../../../src/providers/kopokopo/result.ts";
import { saysByTopic } from "../../../src/providers/kopokopo/webhook.ts";
import { conformance } from "../conformance.ts";
import { loadSpecimens } from "../specimen.ts";

const key = "an-invented-api-key";

conformance(kopokopo, loadSpecimens("kopokopo"), {
  tables: { webhook: saysByTopic, result: saysByStatus },
  proof: {
    credentials: { api_key: key },
    sign(callback) {
      const signature = hmacOf(callback.body, key, { algorithm: "sha256", encoding: "hex" });
      return { ...callback, headers: { ...callback.headers, "x-kopokopo-signature": signature } };
    },
  },
});
