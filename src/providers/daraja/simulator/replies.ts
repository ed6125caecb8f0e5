import type { ThrottledReply } from "../../../simulator/script.ts";
import type { PlayedReply } from "../../../simulator/server.ts";

/** Daraja's usual error envelope. */
export function refusal(status: number, errorCode: string, errorMessage: string): PlayedReply {
  return { status, body: { requestId: "1-1-1", errorCode, errorMessage } };
}

export function invalidToken(): PlayedReply {
  return refusal(404, "404.001.03", "Invalid Access Token");
}

/** How Daraja refuses too many calls. */
export const throttled = {
  "spike-arrest": {
    status: 429,
    body: {
      fault: {
        faultstring:
          "Spike arrest violation. Allowed rate : MessageRate{messagesPerPeriod=5, " +
          "periodInMicroseconds=60000000, maxBurstMessageCount=1.0}",
        detail: { errorcode: "policies.ratelimit.SpikeArrestViolation" },
      },
    },
  },
  json: {
    status: 500,
    body: {
      requestId: "1-1-1",
      errorCode: "500.003.02",
      errorMessage: "System is busy. Please try again in few minutes.",
    },
  },
} as const satisfies Record<string, ThrottledReply>;
