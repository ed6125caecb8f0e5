import type { Kind, ProviderRefs } from "../../domain/kinds.ts";
import { currencyIn } from "../kit/country.ts";
import { eastAfricaFormats } from "../kit/east-africa-time.ts";
import { pushIdentity } from "../kit/stk-envelope.ts";
import type { Provider } from "../provider.ts";
import { airtime, airtimeIdentity } from "./airtime.ts";
import { chat, messageTypes } from "./chat.ts";
import { messageIdentity } from "./delivery.ts";
import { email } from "./email.ts";
import { events } from "./events.ts";
import { payments } from "./payments.ts";
import { homeCountry } from "./shape.ts";
import { sms } from "./sms.ts";
import { start } from "./start.ts";
import { optIn, status } from "./status.ts";

/** Codian's payments, airtime, messages and chat. What each channel's fields become is in MAPPING.md. */
export const codian: Provider = {
  id: "codian",
  name: "Codian",
  credentials: [
    { name: "client_id", secret: false, means: "the app's id; travels in the body of calls" },
    { name: "client_secret", secret: true, means: "the app's secret; travels in the body of calls" },
    {
      name: optIn,
      secret: false,
      means: "`on` polls payments by a call that Codian does not document",
    },
  ],
  channels: { payments, airtime, sms, email, chat, events },
  kinds: ["stk_push", "checkout", "airtime", "sms", "email"],
  identity,
  refs: ["checkout_request_id", "merchant_request_id", "receipt", "request_id", "message_id"],
  messageTypes,
  currency: connection => currencyIn(connection, homeCountry),
  dateFormats: eastAfricaFormats,
  baseUrls: {
    sandbox: { payments: "https://sandbox.codian.co.ke", site: "https://codian.co.ke" },
    production: { payments: "https://api.codian.co.ke", site: "https://codian.co.ke" },
  },
  token: null,
  status,
  pull: null,
  register: null,
  start,
  simulator: async () => (await import("./simulator/simulator.ts")).simulator,
};

function identity(kind: Kind, refs: ProviderRefs): string[] {
  if (kind === "sms" || kind === "email") return messageIdentity(kind, refs.message_id);
  return kind === "airtime" ? airtimeIdentity(refs) : pushIdentity(refs);
}
