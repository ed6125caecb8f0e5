import type { ProviderConnection } from "../call.ts";
import { countryOf } from "../kit/country.ts";

/** `X-Target-Environment` in production, by ISO 3166 country. */
const byCountry: Readonly<Record<string, string>> = {
  BJ: "mtnbenin",
  CG: "mtncongo",
  CI: "mtnivorycoast",
  CM: "mtncameroon",
  GH: "mtnghana",
  GN: "mtnguineaconakry",
  LR: "mtnliberia",
  NG: "mtnnigeria",
  RW: "mtnrwanda",
  SS: "mtnsouthsudan",
  SZ: "mtnswaziland",
  UG: "mtnuganda",
  ZA: "mtnsouthafrica",
  ZM: "mtnzambia",
};

/** The connection's target environment; null in production where neither a credential nor the country names one. */
export function targetEnvironment(connection: ProviderConnection): string | null {
  const own = connection.credentials.target_environment?.trim();
  if (own) return own;
  if (connection.environment === "sandbox") return "sandbox";
  return byCountry[countryOf(connection, "")] ?? null;
}

export const noTargetEnvironment = "the credential target_environment or settings.country has to name the market";
