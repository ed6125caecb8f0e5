import type { Verification } from "./verification.ts";

/** The dedupe key of a callback that failed its connection's verification begins with this. */
export const unverifiedPrefix = "unverified:";

/**
 * Whether the connection verifies callbacks. A callback that failed its verification cannot be verified later, because
 * the headers with the proof are not stored. It counts only once the connection no longer verifies.
 */
export function requiresProof({ address, signature, basic, header }: Verification): boolean {
  return address.mode === "enforce" || [signature, basic, header].some(part => part !== undefined);
}
