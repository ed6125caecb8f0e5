import { randomBytes } from "node:crypto";

export type UssdGatewayName = "kyanda" | "africastalking";

/** Somebody who dials. */
export type UssdCaller = { sessionId: string; phone: string; serviceCode: string; networkCode: string };

type Gateway = {
  newSessionId(): string;
  serviceCode: string;
  /** The request for the next screen, as the gateway posts it. */
  screen(dialling: UssdCaller, typed: readonly string[]): { contentType: string; body: string };
};

/** How each gateway asks; see the providers' MAPPING.md. */
export const gateways = {
  kyanda: {
    newSessionId: () => `KYS_${randomBytes(8).toString("hex")}`,
    serviceCode: "*860*30#",
    screen({ sessionId, phone, serviceCode, networkCode }, typed) {
      const extension = /^\*\d+\*(.+?)#?$/.exec(serviceCode)?.[1];
      const text =
        typed.length === 0 ? "" : `*${[...(extension === undefined ? [] : [extension]), ...typed].join("*")}`;
      const body = { sessionId, phoneNumber: phone.replace(/^\+/, ""), networkCode, serviceCode, text };
      return { contentType: "application/json", body: JSON.stringify(body) };
    },
  },
  africastalking: {
    newSessionId: () => `ATUid_${randomBytes(16).toString("hex")}`,
    serviceCode: "*384*71#",
    screen({ sessionId, phone, serviceCode, networkCode }, typed) {
      const form = { sessionId, phoneNumber: phone, networkCode, serviceCode, text: typed.join("*") };
      return formOf(form);
    },
  },
} as const satisfies Record<UssdGatewayName, Gateway>;

/** Africa's Talking's word at the end of a session; Kyanda has none. */
export function sessionEnd(
  dialling: UssdCaller,
  end: { typed: readonly string[]; hops: number; durationMs: number; last: string; completed: boolean },
): { contentType: string; body: string } {
  return formOf({
    date: new Date().toISOString().slice(0, 19).replace("T", " "),
    sessionId: dialling.sessionId,
    serviceCode: dialling.serviceCode,
    networkCode: dialling.networkCode,
    phoneNumber: dialling.phone,
    status: end.completed ? "Success" : "Incomplete",
    cost: "KES 0.1000",
    durationInMillis: String(Math.round(end.durationMs)),
    hopsCount: String(end.hops),
    input: end.typed.join("*"),
    lastAppResponse: end.last,
  });
}

function formOf(fields: Record<string, string>): { contentType: string; body: string } {
  return { contentType: "application/x-www-form-urlencoded", body: new URLSearchParams(fields).toString() };
}
