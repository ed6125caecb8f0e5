import { randomBytes } from "node:crypto";
import type { PlayedReply } from "./server.ts";

/** Bearer tokens of which only the newest is good, as at Daraja. */
export type SimulatedTokens = {
  issue(): { token: string; expiresInS: number };
  /** Of an `Authorization` header. */
  isValid(header: string | undefined): boolean;
  /** As if somebody else had fetched one. */
  invalidate(): void;
  issued(): number;
  /** What the next requests for a token get in its place, in turn. */
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
