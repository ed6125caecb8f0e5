import type { Provider } from "../provider.ts";
import { airtimeStatus, identityOfAirtime } from "./airtime-status.ts";
import { airtimeValidation } from "./airtime-validation.ts";
import { identityOfSms, smsDelivery } from "./sms-delivery.ts";
import { start } from "./start.ts";
import { status } from "./status.ts";
import { ussd } from "./ussd.ts";
import { ussdEvents } from "./ussd-events.ts";

export const africastalking: Provider = {
  id: "africastalking",
  name: "Africa's Talking",
  credentials: [
    { name: "username", secret: false, means: "the application's username, `sandbox` in the sandbox" },
    { name: "api_key", secret: true, means: "the apiKey header" },
  ],
  channels: {
    "airtime/validation": airtimeValidation,
    "airtime/status": airtimeStatus,
    "sms/delivery": smsDelivery,
    ussd,
    "ussd/events": ussdEvents,
  },
  kinds: ["airtime", "sms"],
  identity: (kind, refs) => (kind === "sms" ? identityOfSms(refs) : identityOfAirtime(refs)),
  refs: ["request_id", "transaction_id", "message_id"],
  baseUrls: { sandbox: "https://api.sandbox.africastalking.com", production: "https://api.africastalking.com" },
  token: null,
  status,
  pull: null,
  register: null,
  start,
  simulator: async () => (await import("./simulator/simulator.ts")).simulator,
};
