import { currencyIn } from "../kit/country.ts";
import { eastAfricaFormats } from "../kit/east-africa-time.ts";
import { identityOf } from "../kit/identity.ts";
import type { Provider } from "../provider.ts";
import { balance } from "./ask-balance.ts";
import { b2bExpress } from "./b2b-express.ts";
import { bill } from "./bill.ts";
import { c2bConfirmation } from "./c2b-confirmation.ts";
import { c2bValidation } from "./c2b-validation.ts";
import { refusedUrlWords } from "./callback-url-rules.ts";
import { credentials } from "./credentials.ts";
import { homeCountry } from "./home-country.ts";
import { pull } from "./pull.ts";
import { registerC2b, registerPull } from "./register.ts";
import { result } from "./result.ts";
import { standingOrder, standingOrderTypes } from "./standing-order.ts";
import { start } from "./start/start.ts";
import { statement } from "./statement.ts";
import { status } from "./status.ts";
import { stk } from "./stk.ts";
import { timeout } from "./timeout.ts";
import { token } from "./token.ts";

const refs = [
  "checkout_request_id",
  "merchant_request_id",
  "conversation_id",
  "originator_conversation_id",
  "request_id",
  "receipt",
  "order_id",
];
const identity = identityOf(...refs.filter(name => name !== "merchant_request_id"));

/** Safaricom's M-Pesa API. What each channel's fields become is in MAPPING.md. */
export const daraja: Provider = {
  id: "daraja",
  name: "Safaricom Daraja",
  credentials,
  channels: {
    stk,
    "c2b/confirmation": c2bConfirmation,
    "c2b/validation": c2bValidation,
    result,
    timeout,
    "b2b/express": b2bExpress,
    "standing-order": standingOrder,
    bill,
  },
  kinds: ["stk_push", "c2b", "payment", "b2c", "b2b", "reversal"],
  identity: (_kind, refs) => identity(refs),
  refs,
  receiver: ["shortcode"],
  messageTypes: standingOrderTypes,
  currency: connection => currencyIn(connection, homeCountry),
  dateFormats: eastAfricaFormats,
  refusedUrlWords,
  baseUrls: { sandbox: "https://sandbox.safaricom.co.ke", production: "https://api.safaricom.co.ke" },
  token,
  status,
  pull,
  statement,
  register: [registerC2b, registerPull],
  start,
  balance,
  simulator: async () => (await import("./simulator/simulator.ts")).simulator,
};
