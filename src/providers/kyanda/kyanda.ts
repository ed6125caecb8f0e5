import { currencyIn } from "../kit/country.ts";
import { eastAfricaFormats } from "../kit/east-africa-time.ts";
import type { Provider } from "../provider.ts";
import { balance } from "./ask-balance.ts";
import { identityOfKyanda, ipn } from "./ipn.ts";
import { homeCountry } from "./payment.ts";
import { registerIpn } from "./register.ts";
import { start } from "./start.ts";
import { status } from "./status.ts";
import { ussd } from "./ussd.ts";

export const kyanda: Provider = {
  id: "kyanda",
  name: "Kyanda",
  credentials: [
    { name: "merchant_id", secret: false, means: "the MerchantID of the merchant portal, part of every signature" },
    { name: "api_key", secret: true, means: "the apiKey header" },
    { name: "secret", secret: true, means: "what requests are signed with, where it is not the API key" },
  ],
  channels: { ipn, ussd },
  kinds: [
    "checkout",
    "payment",
    "bill",
    "airtime",
    "pin_airtime",
    "data_bundle",
    "mobile_payout",
    "bank_payout",
    "b2b",
    "upi",
    "sms",
  ],
  identity: (_kind, refs) => identityOfKyanda(refs),
  refs: ["transaction_ref", "receipt"],
  currency: connection => currencyIn(connection, homeCountry),
  receiver: ["merchant_id"],
  dateFormats: eastAfricaFormats,
  baseUrls: { sandbox: "http://sandbox.kyanda.io:3030", production: "https://api.kyanda.app" },
  token: null,
  status,
  pull: null,
  register: [registerIpn],
  start,
  balance,
  simulator: async () => (await import("./simulator/simulator.ts")).simulator,
};
