import type { Connection } from "../connections/connection.ts";
import { type ReceivedCallback, requiresSignature } from "../providers/proof.ts";
import type { Provider } from "../providers/provider.ts";
import type { PublishedKeyCache } from "./published-keys.ts";
import type { Verified } from "./verify.ts";

const noKeys = {};

/**
 * Checks the provider's own proof on a callback (Provider.verify). One that a known key does not fit, or whose key is
 * not known, is checked again after the keys could be fetched again. `unavailable`: no keys are known, and they cannot
 * be fetched now.
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
  if ((proof === "refused" || proof === "unknown-key") && provider.keys) {
    const why = proof;
    if (await publishedKeys.refresh(provider, provider.keys, connection, why)) proof = check();
    if (why === "unknown-key" && proof !== why) publishedKeys.confirm(provider, connection);
    if (proof === "unknown-key" && publishedKeys.known(provider, connection) === null) return "unavailable";
  }
  if (proof === "signed") return { ok: true, strength: "signed", addressWarning: false };
  if (proof !== "absent") return refused("The provider's signature does not fit.");
  if (provider.withoutProof !== "poll" && requiresSignature(provider, credentials)) {
    return refused("The provider's signature is missing.");
  }
  return { ok: true, strength: "hint", addressWarning: false };
}

function refused(message: string): Verified {
  return { ok: false, status: 401, problem: { path: "", message } };
}
