import type { CallContext, CallFailure, ProviderCall, ProviderResponse } from "./call.ts";
import type { Needs } from "./provider.ts";

/** How an access token is had; fetching it in time, sharing and keeping it are the room's. */
export type TokenCall = {
  /** Also what the token is good for: one had with other credentials, or at another host, is not used. */
  credentials: Needs;
  request(context: CallContext): ProviderCall;
  /** `expiresInS` is the token's life in seconds from `now`. */
  read(answer: ProviderResponse, now: Date): { kind: "token"; token: string; expiresInS: number } | CallFailure;
};
