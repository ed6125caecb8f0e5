import { currencyIn } from "../kit/country.ts";
import { hmacProof } from "../kit/hmac-proof.ts";
import type { Provider } from "../provider.ts";
import { identityOfPaystack } from "./identity.ts";
import { pull } from "./pull.ts";
import { status } from "./status.ts";
import { dateFormats } from "./transaction.ts";
import { webhook } from "./webhook.ts";

/** Cards, banks and mobile money in six countries. What each field becomes is in MAPPING.md. */
export const paystack: Provider = {
  id: "paystack",
  name: "Paystack",
  credentials: [
    { name: "secret_key", secret: true, means: "the secret key (`sk_...`): calls, and webhooks", verifies: true },
  ],
  channels: { webhook },
  kinds: ["checkout", "payment", "mobile_payout", "bank_payout"],
  identity: identityOfPaystack,
  refs: ["transaction_reference", "refund_id"],
  currency: connection => currencyIn(connection, ""),
  dateFormats,
  verify({ headers, body }, { secret_key }) {
    return hmacProof(body, headers["x-paystack-signature"], secret_key, { algorithm: "sha512", encoding: "hex" });
  },
  baseUrls: { sandbox: "https://api.paystack.co", production: "https://api.paystack.co" },
  token: null,
  status,
  pull,
  register: null,
  simulator: async () => (await import("./simulator/simulator.ts")).simulator,
};
