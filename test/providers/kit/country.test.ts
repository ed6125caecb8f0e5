import { getCountries } from "libphonenumber-js/min";
import { expect, test } from "vitest";
import { minorDigits } from "../../../src/domain/currencies.ts";
import { countryOf, currencyIn } from "../../../src/providers/kit/country.ts";

const of = (country?: string) => ({ settings: country === undefined ? {} : { country } });

test("a connection's country is the one it names, else the provider's", () => {
  expect(countryOf(of("ET"), "KE")).toBe("ET");
  expect(countryOf(of(), "KE")).toBe("KE");
});

test("the currency is the country's: Ethiopia's is ETB, and a code that is no country has none", () => {
  expect(currencyIn(of(), "KE")).toBe("KES");
  expect(currencyIn(of("ET"), "KE")).toBe("ETB");
  expect(currencyIn(of("TZ"), "KE")).toBe("TZS");
  expect(currencyIn(of("QQ"), "KE")).toBeNull();
});

test("every country that has phones has a currency with known minor digits", () => {
  // Ascension and Tristan da Cunha have calling codes but no ISO 3166 code of their own.
  const countries = getCountries().filter(country => !["AC", "TA"].includes(country));
  for (const country of countries) {
    const currency = currencyIn(of(country), "KE");
    expect(currency, country).not.toBeNull();
    expect(minorDigits(currency!), country).not.toBeNull();
  }
});
