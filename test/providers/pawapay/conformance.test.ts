import { pawapay } from "../../../src/providers/pawapay/pawapay.ts";
import { saysByStatus } from "../../../src/providers/pawapay/payment.ts";
import { keyId, publicKeyPem, signatureHeaders } from "../../../src/providers/pawapay/simulator/sign.ts";
import { conformance } from "../conformance.ts";
import { loadSpecimens } from "../specimen.ts";

conformance(pawapay, loadSpecimens("pawapay"), {
  tables: { deposits: saysByStatus },
  proof: {
    credentials: {},
    keys: { [keyId]: publicKeyPem },
    sign(callback) {
      const url = `https://pay.example/in/pawapay/t0ken/${callback.channel}`;
      return { ...callback, headers: { ...signatureHeaders(url, callback.body, callback.receivedAt) } };
    },
  },
});
