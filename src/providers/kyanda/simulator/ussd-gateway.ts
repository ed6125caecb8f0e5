import { randomBytes } from "node:crypto";
import type { UssdGateway } from "../../../simulator/play/ussd-gateway.ts";
import { jsonCallback } from "../../../simulator/post-callback.ts";

/** Screens are JSON. `text` begins with `*` and the service code's extension once something was typed. */
export const ussdGateway: UssdGateway = {
  newSessionId: () => `KYS_${randomBytes(8).toString("hex")}`,
  serviceCode: "*860*30#",
  screen({ sessionId, phone, serviceCode, networkCode }, typed) {
    const extension = /^\*\d+\*(.+?)#?$/.exec(serviceCode)?.[1];
    const text = typed.length === 0 ? "" : `*${[...(extension === undefined ? [] : [extension]), ...typed].join("*")}`;
    return jsonCallback({ sessionId, phoneNumber: phone.replace(/^\+/, ""), networkCode, serviceCode, text });
  },
};
