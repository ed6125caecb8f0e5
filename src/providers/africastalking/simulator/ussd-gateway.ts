import { randomBytes } from "node:crypto";
import type { UssdGateway } from "../../../simulator/play/ussd-gateway.ts";
import { formCallback } from "../../../simulator/post-callback.ts";

/** Screens and ends are forms; `text` is everything typed so far, joined by `*`. */
export const ussdGateway: UssdGateway = {
  newSessionId: () => `ATUid_${randomBytes(16).toString("hex")}`,
  serviceCode: "*384*71#",
  screen: ({ sessionId, phone, serviceCode, networkCode }, typed) =>
    formCallback({ sessionId, phoneNumber: phone, networkCode, serviceCode, text: typed.join("*") }),
  end: ({ sessionId, phone, serviceCode, networkCode }, { typed, hops, durationMs, lastAnswer, completed }, at) =>
    formCallback({
      date: at.toISOString().slice(0, 19).replace("T", " "),
      sessionId,
      serviceCode,
      networkCode,
      phoneNumber: phone,
      status: completed ? "Success" : "Incomplete",
      cost: "KES 0.1000",
      durationInMillis: String(Math.round(durationMs)),
      hopsCount: String(hops),
      input: typed.join("*"),
      lastAppResponse: lastAnswer,
    }),
};
