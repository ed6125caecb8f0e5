import type { ProviderConnection } from "../call.ts";
import { countryOf, currencyIn } from "../kit/country.ts";

/** Where the connection names no country. */
export const homeCountry = "KE";

/** Every call names its market. */
export function marketHeaders(connection: Pick<ProviderConnection, "settings">): Record<string, string> {
  return {
    accept: "application/json",
    "x-country": countryOf(connection, homeCountry),
    "x-currency": currencyIn(connection, homeCountry) ?? "",
  };
}
