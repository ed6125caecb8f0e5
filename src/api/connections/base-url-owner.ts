import type { Provider } from "../../providers/provider.ts";
import { type Caller, isAdmin } from "../caller.ts";
import { adminNeeded } from "../permission.ts";
import { type FieldError, invalid, type ProblemDetails } from "../problem.ts";
import type { ConnectionInput } from "./connection-input.ts";

type Addressed = Pick<ConnectionInput, "environment" | "base_url">;

/**
 * 403 where a production connection gets a `base_url` that is not the provider's: its host answers status calls, so
 * that a merchant could prove payments to itself. What the admin has set before may stay.
 */
export function foreignBaseUrl(
  caller: Caller,
  input: Addressed,
  provider: Provider | undefined,
  before: Addressed | null,
): ProblemDetails | null {
  const { environment, base_url } = input;
  if (environment !== "production" || base_url === undefined || isAdmin(caller)) return null;
  if (before?.environment === environment && originOf(before.base_url) === originOf(base_url)) return null;
  const own = Object.values(provider?.baseUrls ?? {}).flatMap(urls =>
    typeof urls === "string" ? [urls] : Object.values(urls),
  );
  if (own.some(url => originOf(url) === originOf(base_url))) return null;
  return adminNeeded("In production a base_url other than the provider's own needs the admin key.");
}

/**
 * 422 where `base_url` leads to another origin, and secrets that stay were not sent again in the same call: a key that
 * may change an address must not thereby learn what it cannot read.
 */
export function keptSecrets(
  before: { base_url: string | null; credentialNames: readonly string[] },
  after: ConnectionInput,
  sent: Record<string, string | null>,
  provider: Provider | undefined,
): ProblemDetails | null {
  if (originOf(before.base_url ?? undefined) === originOf(after.base_url)) return null;
  const isSecret = (name: string) => provider?.credentials.find(field => field.name === name)?.secret !== false;
  const kept = before.credentialNames.filter(
    name => isSecret(name) && Object.hasOwn(after.credentials, name) && typeof sent[name] !== "string",
  );
  return secretsNeeded(kept.map(name => `credentials.${name}`));
}

/** 422 that names the secrets to send again; null where there is none. */
export function secretsNeeded(paths: string[]): ProblemDetails | null {
  const message = "must be sent again in the same call: the address leads to another origin";
  const [first, ...rest] = paths.map((path): FieldError => ({ path, message }));
  return first === undefined ? null : invalid([first, ...rest]);
}

/** Scheme, host and port; null for the provider's own, and for what is no URL. */
export function originOf(url: string | undefined): string | null {
  return url === undefined || !URL.canParse(url) ? null : new URL(url).origin;
}
