import type { Connection } from "../connections/connection.ts";
import { type ReceivedCallback, requiresSignature } from "../providers/proof.ts";
import type { Provider } from "../providers/provider.ts";
import type { PublishedKeyCache } from "./published-keys.ts";
import type { Verified } from "./verify.ts";

const noKeys = {};

/**
 * Checks the provider's own proof on a callback (Provider.verify). A refused proof is checked again after the keys
 * could be fetched again: it may be made with a new key. `unavailable`: no keys are known, and they cannot be fetched
 * now.
 */
export async function verifyProof(
  publishedKeys: PublishedKeyCache,
  provider: Provider,
  connection: Connection,
  callback: ReceivedCallback,
): Promise<Verified | "unavailable"> {
  const { credentials } = connection;
  const check = () => provider.verify!(callback, credentials, publishedKeys.known(provider, connection) ?? noKeys);
  let proof = check();
  if (proof === "refused" && provider.keys) {
    if (await publishedKeys.refresh(provider, provider.keys, connection)) proof = check();
    if (proof === "signed") publishedKeys.confirm(provider, connection);
    if (proof === "refused" && publishedKeys.known(provider, connection) === null) return "unavailable";
  }
  if (proof === "signed") return { ok: true, strength: "signed", addressWarning: false };
  if (proof === "refused") return refused("The provider's signature does not fit.");
  if (provider.withoutProof !== "poll" && requiresSignature(provider, credentials)) {
    return refused("The provider's signature is missing.");
  }
  return { ok: true, strength: "hint", addressWarning: false };
}

function refused(message: string): Verified {
  return { ok: false, status: 401, problem: { path: "", message } };
}
