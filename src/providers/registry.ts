import { africastalking } from "./africastalking/africastalking.ts";
import { airtelmoney } from "./airtelmoney/airtelmoney.ts";
import { codian } from "./codian/codian.ts";
import { daraja } from "./daraja/daraja.ts";
import { flutterwave } from "./flutterwave/flutterwave.ts";
import { kodipay } from "./kodipay/kodipay.ts";
import { kopokopo } from "./kopokopo/kopokopo.ts";
import { kyanda } from "./kyanda/kyanda.ts";
import { mtnmomo } from "./mtnmomo/mtnmomo.ts";
import { pawapay } from "./pawapay/pawapay.ts";
import { paystack } from "./paystack/paystack.ts";
import { pesapal } from "./pesapal/pesapal.ts";
import type { Provider } from "./provider.ts";

/** Every provider there is. Adding one touches its folder, its tests and this list. */
const all: Provider[] = [
  daraja,
  codian,
  kyanda,
  africastalking,
  kodipay,
  paystack,
  mtnmomo,
  pawapay,
  flutterwave,
  airtelmoney,
  pesapal,
  kopokopo,
];

export const providers: ReadonlyMap<string, Provider> = new Map(all.map(provider => [provider.id, provider]));
