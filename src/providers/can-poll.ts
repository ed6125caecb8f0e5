import type { Kind, ProviderRefs } from "../domain/kinds.ts";
import type { Credentials, Needs, Provider } from "./provider.ts";

/** Whether the provider has a status call for the kind, and the connection what it takes. */
export function canPoll(provider: Provider, kind: Kind, credentials: Credentials): boolean {
  return whyNotPoll(provider, kind, credentials) === null;
}

/**
 * Whether transactions of a kind can be polled on a connection. False where this version does not know the connection's
 * provider.
 */
export function connectionCanPoll(
  providers: ReadonlyMap<string, Provider>,
  connection: { provider: string; credentials: Credentials },
  kind: Kind,
): boolean {
  const provider = providers.get(connection.provider);
  return provider !== undefined && canPoll(provider, kind, connection.credentials);
}

/**
 * Why the status of a transaction cannot be asked, as a sentence without secrets; null where it can. Without `refs` only the
 * connection is looked at: some transaction of the kind could be asked about.
 */
export function whyNotPoll(
  provider: Provider,
  kind: Kind,
  credentials: Credentials,
  refs?: ProviderRefs,
): string | null {
  const askable = provider.status?.kinds[kind];
  if (!askable) return `${provider.name} has no status call for ${kind}.`;
  if (askable.optIn !== undefined && credentials[askable.optIn]?.trim().toLowerCase() !== "on") {
    return `The status call is experimental; the credential ${askable.optIn} has to be "on".`;
  }
  const missing = missingCredentials(askable.credentials, credentials);
  if (missing !== null) return `The status call needs ${missing}.`;
  if (refs !== undefined && !askable.refs.some(name => refs[name]?.trim())) {
    return `The status call needs ${askable.refs.join(" or ")} among the provider_refs.`;
  }
  return null;
}

/** What is absent, as a phrase: of several sets the one that lacks least. Null where one of the sets is complete. */
export function missingCredentials(needs: Needs, credentials: Credentials): string | null {
  const lacks = needs.map(set => set.filter(name => !credentials[name]?.trim()));
  const least = lacks.reduce((a, b) => (b.length < a.length ? b : a));
  if (least.length === 0) return null;
  return `the credential${least.length > 1 ? "s" : ""} ${least.join(", ")}`;
}
