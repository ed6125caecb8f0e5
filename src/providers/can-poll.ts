import type { Kind, ProviderRefs } from "../domain/kinds.ts";
import type { Credentials, Needs, Provider } from "./provider.ts";

/** Whether the provider has a status call for the kind, and the connection the credentials it needs. */
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
 * Why a transaction cannot be polled, as a sentence without secrets; null where it can. Without `refs`
 * only the connection is looked at: some transaction of the kind could be polled.
 */
export function whyNotPoll(
  provider: Provider,
  kind: Kind,
  credentials: Credentials,
  refs?: ProviderRefs,
): string | null {
  const needs = provider.status?.kinds[kind];
  if (!needs) return `${provider.name} has no status call for ${kind}.`;
  if (needs.optIn !== undefined && credentials[needs.optIn]?.trim().toLowerCase() !== "on") {
    return `The status call is experimental; the credential ${needs.optIn} has to be "on".`;
  }
  const missing = missingCredentials(needs.credentials, credentials);
  if (missing !== null) return `The status call needs ${missing}.`;
  if (refs !== undefined && !needs.refs.some(name => refs[name]?.trim())) {
    return `The status call needs ${needs.refs.join(" or ")} among the provider_refs.`;
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
