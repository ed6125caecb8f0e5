import { currencyIn } from "../kit/country.ts";
import type { Provider } from "../provider.ts";
import { identityOfFlutterwave } from "./identity.ts";
import { dateFormats } from "./payment.ts";
import { status } from "./status.ts";
import { token } from "./token.ts";
import { verifyHash } from "./verify.ts";
import { webhook } from "./webhook.ts";

/** Cards, banks and mobile money across Africa; versions 3 and 4 of its API. See MAPPING.md. */
export const flutterwave: Provider = {
  id: "flutterwave",
  name: "Flutterwave",
  credentials: [
    { name: "secret_key", secret: true, means: "version 3: the secret key (`FLWSECK-...`), for calls" },
    { name: "secret_hash", secret: true, means: "the secret hash of the webhook settings", verifies: true },
    { name: "client_id", secret: false, means: "version 4: the OAuth client" },
    { name: "client_secret", secret: true, means: "version 4: its secret" },
  ],
  channels: { webhook },
  kinds: ["checkout", "payment", "mobile_payout", "bank_payout"],
  identity: identityOfFlutterwave,
  refs: ["tx_ref", "flw_id", "refund_id"],
  currency: connection => currencyIn(connection, ""),
  dateFormats,
  verify: ({ headers, body }, { secret_hash }) => verifyHash(headers, body, secret_hash),
  // Both may be the secret hash itself.
  secretHeaders: ["verif-hash", "flutterwave-signature"],
  baseUrls: {
    sandbox: {
      v3: "https://api.flutterwave.com",
      v4: "https://api.flutterwave.cloud/f4b/sandbox",
      tokens: "https://idp.flutterwave.com",
    },
    production: {
      v3: "https://api.flutterwave.com",
      v4: "https://api.flutterwave.cloud/f4b/production",
      tokens: "https://idp.flutterwave.com",
    },
  },
  token,
  status,
  pull: null,
  register: null,
  simulator: async () => (await import("./simulator/simulator.ts")).simulator,
};
