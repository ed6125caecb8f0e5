import type { Vault } from "../../database/vault/vault.ts";
import type { Hop } from "./hop.ts";

/** A session as its gateway names it: sealed values are bound to it, for a hop is written without knowing its row. */
type NamedSession = { connectionId: string; sessionId: string };

/** What a hop holds of a person: what was typed last, and the screen that was sent. */
type HopTexts = { input: string; answer: string };

/** Names a hop within its session. Keyed: what was typed may be a PIN, which a plain digest gives away. */
export function typedKey({ sessionId, text }: Pick<Hop, "sessionId" | "text">, vault: Vault): string {
  return vault.hash(`typed:${sessionId}:${text}`);
}

/** Seals a hop's texts, in base64. */
export function sealHop(session: NamedSession, texts: HopTexts, vault: Vault): string {
  return vault.sealJson("ussd_hops", rowOf(session), texts).toString("base64");
}

/** A hop's texts, also of a row from before personal data was sealed; empty once they were erased. */
export function openHop(
  session: NamedSession,
  { sealed, input, answer }: { sealed: Uint8Array | null; input: string | null; answer: string | null },
  vault: Vault,
): HopTexts {
  if (sealed !== null) return vault.openJson("ussd_hops", rowOf(session), sealed);
  return { input: input ?? "", answer: answer ?? "" };
}

/** The columns of a subscriber's number: sealed in base64, and its keyed hash in hex. */
export function sealSubscriber(session: NamedSession, phone: string | null, vault: Vault) {
  if (phone === null) return { sealed: null, phone_hash: null };
  return {
    sealed: vault.seal("ussd_sessions", rowOf(session), phone).toString("base64"),
    phone_hash: subscriberHash(phone, vault),
  };
}

/** The number of a session's row. */
export function openSubscriber(
  session: NamedSession,
  { sealed, phone }: { sealed: Uint8Array | null; phone: string | null },
  vault: Vault,
): string | null {
  return sealed === null ? phone : vault.open("ussd_sessions", rowOf(session), sealed).toString("utf8");
}

/** Keyed hash, in hex, by which the sessions of a number are found. */
export function subscriberHash(phone: string, vault: Vault): string {
  return vault.hash(`phone:${phone}`);
}

function rowOf({ connectionId, sessionId }: NamedSession): string {
  return `${connectionId}|${sessionId}`;
}
