import { currencyIn } from "../kit/country.ts";
import { hmacProof } from "../kit/hmac-proof.ts";
import type { Provider } from "../provider.ts";
import { pull } from "./pull.ts";
import { registerWebhooks } from "./register.ts";
import { dateFormats, homeCountry, identityOfKopokopo } from "./resource.ts";
import { result } from "./result.ts";
import { start } from "./start.ts";
import { status } from "./status.ts";
import { token } from "./token.ts";
import { webhook } from "./webhook.ts";

/** M-Pesa tills in Kenya, API version 2 (K2 Connect). See MAPPING.md. */
export const kopokopo: Provider = {
  id: "kopokopo",
  name: "Kopo Kopo",
  credentials: [
    { name: "client_id", secret: false, means: "the application's client id" },
    { name: "client_secret", secret: true, means: "its secret" },
    { name: "api_key", secret: true, means: "the application's API key, which signs callbacks", verifies: true },
    { name: "till_number", secret: false, means: "the till that pushes, subscriptions and statements are about" },
  ],
  channels: { webhook, result },
  kinds: ["stk_push", "c2b", "payment", "mobile_payout", "bank_payout", "reversal"],
  identity: (_kind, refs) => identityOfKopokopo(refs),
  refs: ["k2_id", "receipt"],
  receiver: [],
  currency: connection => currencyIn(connection, homeCountry),
  dateFormats,
  verify({ headers, body }, { api_key }) {
    return hmacProof(body, headers["x-kopokopo-signature"], api_key, { algorithm: "sha256", encoding: "hex" });
  },
  baseUrls: { sandbox: "https://sandbox.kopokopo.com", production: "https://api.kopokopo.com" },
  token,
  status,
  pull,
  register: [registerWebhooks],
  start,
  simulator: async () => (await import("./simulator/simulator.ts")).simulator,
};
