import type { CallContext, CallFailure, ProviderCall, ProviderResponse } from "./call.ts";
import type { Credentials, Provider, StoredCallback } from "./provider.ts";

/** A callback as it arrives, before it is kept. */
export type ReceivedCallback = StoredCallback & {
  /**
   * The full URL that the provider called, query included: on the configured public URL, whatever the `Host` header
   * says.
   */
  url: string;
};

/**
 * `signed`: the proof holds. `refused`: there is one, and it does not. `unknown-key`: it may hold, with a key that is
 * not among the published keys that are known. `absent`: there is none.
 */
export type CallbackProof = "signed" | "refused" | "unknown-key" | "absent";

/** Public keys of a provider by key id, in PEM. */
export type PublishedKeys = Readonly<Record<string, string>>;

/**
 * How the keys are had that a provider publishes for its signatures; the room fetches them when needed, and keeps them.
 */
export type KeysCall = {
  call(context: CallContext): ProviderCall;
  read(answer: ProviderResponse): { kind: "keys"; keys: PublishedKeys } | CallFailure;
};

/**
 * Whether callbacks of a connection have to carry the provider's proof: the provider verifies, and has what it verifies
 * with. Without it a callback counts as one of a provider that signs nothing.
 */
export function requiresSignature(provider: Provider, credentials: Credentials): boolean {
  if (provider.verify === undefined) return false;
  const isSet = ({ name, verifies }: Provider["credentials"][number]) => verifies && credentials[name]?.trim();
  return provider.keys != null || provider.credentials.some(isSet);
}
