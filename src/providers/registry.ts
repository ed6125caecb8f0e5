import { africastalking } from "./africastalking/africastalking.ts";
import { codian } from "./codian/codian.ts";
import { daraja } from "./daraja/daraja.ts";
import { kodipay } from "./kodipay/kodipay.ts";
import { kyanda } from "./kyanda/kyanda.ts";
import { mtnmomo } from "./mtnmomo/mtnmomo.ts";
import { paystack } from "./paystack/paystack.ts";
import type { Provider } from "./provider.ts";

/** Every provider there is. Adding one touches its folder, its tests and this list. */
const all: Provider[] = [daraja, codian, kyanda, africastalking, kodipay, paystack, mtnmomo];

export const providers: ReadonlyMap<string, Provider> = new Map(all.map(provider => [provider.id, provider]));
