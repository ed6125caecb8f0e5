import { currencyIn } from "../kit/country.ts";
import { identityOf } from "../kit/identity.ts";
import type { Provider } from "../provider.ts";
import { homeCountry } from "./home-country.ts";
import { ipn } from "./ipn.ts";
import { registerIpn } from "./register.ts";
import { start } from "./start.ts";
import { status } from "./status.ts";
import { token } from "./token.ts";

const identity = identityOf("order_tracking_id", "receipt");

/** Cards and mobile money in seven countries, API version 3. See MAPPING.md. */
export const pesapal: Provider = {
  id: "pesapal",
  name: "Pesapal",
  credentials: [
    { name: "consumer_key", secret: false, means: "the merchant's consumer key" },
    { name: "consumer_secret", secret: true, means: "the merchant's consumer secret" },
  ],
  channels: { ipn },
  kinds: ["checkout", "payment"],
  identity: (_kind, refs) => identity(refs),
  refs: ["order_tracking_id", "receipt"],
  currency: connection => currencyIn(connection, homeCountry),
  baseUrls: { sandbox: "https://cybqa.pesapal.com/pesapalv3", production: "https://pay.pesapal.com/v3" },
  token,
  status,
  pull: null,
  register: [registerIpn],
  start,
  simulator: async () => (await import("./simulator/simulator.ts")).simulator,
};
