import type { ProviderConnection } from "./call.ts";
import type { Provider } from "./provider.ts";

/** Names of the ids that any of the providers has, each once. */
export function refNamesOf(providers: Iterable<Provider>): string[] {
  return [...new Set([...providers].flatMap(provider => provider.refs ?? []))];
}

/** Types of the messages that any of the providers reports, each once. */
export function messageTypesOf(providers: Iterable<Provider>): string[] {
  return [...new Set([...providers].flatMap(provider => provider.messageTypes ?? []))];
}

/** ISO 4217: the currency of an amount that a connection's merchant names without one; null where it must be named. */
export function currencyOf({ currency }: Provider, connection: ProviderConnection): string | null {
  return (typeof currency === "function" ? currency(connection) : currency) ?? null;
}
