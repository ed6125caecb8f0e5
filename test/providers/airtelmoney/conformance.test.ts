import { airtelmoney } from "../../../src/providers/airtelmoney/airtelmoney.ts";
import { saysByStatus } from "../../../src/providers/airtelmoney/statuses.ts";
import { hmacOf } from "../../../src/providers/kit/hmac-proof.ts";
import { conformance } from "../conformance.ts";
import { bytesOf, loadSpecimens } from "../specimen.ts";

const key = "an-invented-callback-key";

conformance(airtelmoney, loadSpecimens("airtelmoney"), {
  tables: { callbacks: saysByStatus },
  proof: {
    credentials: { callback_key: key },
    sign(callback) {
      const hash = hmacOf(callback.body, key, { algorithm: "sha256", encoding: "base64" });
      const body = JSON.parse(new TextDecoder().decode(callback.body)) as object;
      return { ...callback, body: bytesOf({ ...body, hash }) };
    },
  },
});
