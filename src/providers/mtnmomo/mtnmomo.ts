import { currencyIn } from "../kit/country.ts";
import { identityOf } from "../kit/identity.ts";
import type { Provider } from "../provider.ts";
import { channelOf } from "./channel.ts";
import { products } from "./products.ts";
import { start } from "./start.ts";
import { status } from "./status.ts";
import { tokenOf } from "./token.ts";

const identity = identityOf("reference_id");

/** MTN's wallets in fifteen countries: two products, collection and disbursement. See MAPPING.md. */
export const mtnmomo: Provider = {
  id: "mtnmomo",
  name: "MTN MoMo",
  credentials: [
    ...products.flatMap(product => [
      { name: `${product}_subscription_key`, secret: true, means: `the product's \`Ocp-Apim-Subscription-Key\`` },
      { name: `${product}_api_user`, secret: false, means: "the product's API user, a UUID" },
      { name: `${product}_api_key`, secret: true, means: "the API user's key" },
    ]),
    {
      name: "target_environment",
      secret: false,
      means: "such as `mtnuganda`; where left out, `sandbox`, or in production that of `settings.country`",
    },
  ],
  channels: { collection: channelOf("collection"), disbursement: channelOf("disbursement") },
  kinds: ["checkout", "payment", "mobile_payout"],
  identity: (_kind, refs) => identity(refs),
  refs: ["reference_id"],
  // The sandbox knows euros only, whatever the country.
  currency: connection => (connection.environment === "sandbox" ? "EUR" : currencyIn(connection, "")),
  baseUrls: { sandbox: "https://sandbox.momodeveloper.mtn.com", production: "https://proxy.momoapi.mtn.com" },
  token: null,
  tokens: { collection: tokenOf("collection"), disbursement: tokenOf("disbursement") },
  status,
  pull: null,
  register: null,
  start,
  simulator: async () => (await import("./simulator/simulator.ts")).simulator,
};
