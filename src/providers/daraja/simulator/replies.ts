import type { PlayedReply } from "../../../simulator/server.ts";

/** Daraja's usual error envelope. */
export function refusal(status: number, errorCode: string, errorMessage: string): PlayedReply {
  return { status, body: { requestId: "1-1-1", errorCode, errorMessage } };
}

export function invalidToken(): PlayedReply {
  return refusal(404, "404.001.03", "Invalid Access Token");
}
