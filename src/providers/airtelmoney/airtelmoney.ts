import { currencyIn } from "../kit/country.ts";
import type { Provider } from "../provider.ts";
import { callbacks } from "./callbacks.ts";
import { homeCountry } from "./home-country.ts";
import { identityOfAirtel } from "./identity.ts";
import { start } from "./start.ts";
import { status } from "./status.ts";
import { token } from "./token.ts";
import { verifyHash } from "./verify.ts";

/** Airtel's wallets in thirteen countries. See MAPPING.md. */
export const airtelmoney: Provider = {
  id: "airtelmoney",
  name: "Airtel Money",
  credentials: [
    { name: "client_id", secret: false, means: "the application's client id" },
    { name: "client_secret", secret: true, means: "its secret" },
    { name: "pin", secret: true, means: "the disbursement PIN, encrypted with `public_key` for each payout" },
    { name: "public_key", secret: false, means: "Airtel's RSA key of the portal, in PEM or base64" },
    { name: "callback_key", secret: true, means: "the key of callback authentication; makes verified callbacks proof" },
  ],
  channels: { callbacks },
  kinds: ["checkout", "payment", "mobile_payout"],
  identity: (_kind, refs) => identityOfAirtel(refs),
  refs: ["transaction_id", "airtel_id"],
  currency: connection => currencyIn(connection, homeCountry),
  verify: ({ body, headers }, { callback_key }) => verifyHash(body, headers, callback_key),
  // How Airtel writes what it hashes is not documented: a hash that does not fit must not lose a callback.
  withoutProof: "poll",
  baseUrls: { sandbox: "https://openapiuat.airtel.africa", production: "https://openapi.airtel.africa" },
  token,
  status,
  pull: null,
  register: null,
  start,
  simulator: async () => (await import("./simulator/simulator.ts")).simulator,
};
