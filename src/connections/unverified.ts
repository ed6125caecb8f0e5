import type { Verification } from "./verification.ts";

/** How the dedupe key of a callback begins that failed its connection's verification. */
export const unverifiedPrefix = "unverified:";

/**
 * Whether callbacks of a connection have to prove where they come from. What failed to when it came cannot be tried again: the
 * headers that carry the proof are not kept. It counts only once nothing is asked for any more.
 */
export function asksForProof({ address, signature, basic, header }: Verification): boolean {
  return address.mode === "enforce" || [signature, basic, header].some(part => part !== undefined);
}
