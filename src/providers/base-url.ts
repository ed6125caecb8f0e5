import type { Environment } from "../domain/kinds.ts";
import type { Provider } from "./provider.ts";

/**
 * Where a call goes, without a slash at the end: `host` names one of the provider's hosts, the first where left out. A
 * connection's own base URL stands in for the host of any of them, and keeps the path. Throws for a host that the
 * provider does not have.
 */
export function baseUrlOf(
  { id, baseUrls }: Provider,
  { environment, baseUrl }: { environment: Environment; baseUrl: string | null },
  host?: string,
): string {
  const own = baseUrls[environment];
  const url = typeof own === "string" ? own : own[host ?? Object.keys(own)[0]!];
  if (url === undefined) throw new Error(`${id} has no host ${host}`);
  return baseUrl === null ? url : withoutSlash(baseUrl) + withoutSlash(new URL(url).pathname);
}

function withoutSlash(text: string): string {
  return text.replace(/\/+$/, "");
}
