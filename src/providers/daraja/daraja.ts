import { eastAfricaFormats } from "../kit/east-africa-time.ts";
import { identityOf } from "../kit/identity.ts";
import type { Provider } from "../provider.ts";
import { c2bConfirmation } from "./c2b-confirmation.ts";
import { c2bValidation } from "./c2b-validation.ts";
import { refusedUrlWords } from "./callback-url-rules.ts";
import { credentials } from "./credentials.ts";
import { pull } from "./pull.ts";
import { registerC2b, registerPull } from "./register.ts";
import { result } from "./result.ts";
import { status } from "./status.ts";
import { stk } from "./stk.ts";
import { timeout } from "./timeout.ts";
import { token } from "./token.ts";

const identity = identityOf("checkout_request_id", "conversation_id", "originator_conversation_id", "receipt");

/** Safaricom's M-Pesa API. What each channel's fields become is in MAPPING.md. */
export const daraja: Provider = {
  id: "daraja",
  name: "Safaricom Daraja",
  credentials,
  channels: { stk, "c2b/confirmation": c2bConfirmation, "c2b/validation": c2bValidation, result, timeout },
  kinds: ["stk_push", "c2b", "b2c", "b2b", "reversal"],
  identity: (_kind, refs) => identity(refs),
  refs: ["checkout_request_id", "merchant_request_id", "conversation_id", "originator_conversation_id", "receipt"],
  currency: "KES",
  dateFormats: eastAfricaFormats,
  refusedUrlWords,
  baseUrls: { sandbox: "https://sandbox.safaricom.co.ke", production: "https://api.safaricom.co.ke" },
  token,
  status,
  pull,
  register: [registerC2b, registerPull],
  simulator: async () => (await import("./simulator/simulator.ts")).simulator,
};
