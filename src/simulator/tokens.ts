import { randomBytes } from "node:crypto";
import type { PlayedReply } from "./server.ts";

/** Access tokens of which only the newest is valid, as at Daraja. */
export type SimulatedTokens = {
  issue(): { token: string; expiresInS: number };
  /** Whether an `Authorization` header carries the valid token. */
  isValid(header: string | undefined): boolean;
  /** Ends the token, as if another program had fetched one. */
  invalidate(): void;
  issued(): number;
  /** Answers to the next requests for a token, in place of one. */
  instead: PlayedReply[];
};

export function makeTokens(ttlS: number): SimulatedTokens {
  let current: { token: string; untilMs: number } | null = null;
  let issued = 0;
  return {
    issue() {
      const token = randomBytes(21).toString("base64url");
      current = { token, untilMs: performance.now() + ttlS * 1000 };
      issued += 1;
      return { token, expiresInS: ttlS };
    },
    isValid: header => current !== null && header === `Bearer ${current.token}` && performance.now() < current.untilMs,
    invalidate() {
      current = null;
    },
    issued: () => issued,
    instead: [],
  };
}
