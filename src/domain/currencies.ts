/**
 * Minor digits of every ISO 4217 currency in use (list one, as of 2026-11-20), grouped by digits. Metals, test codes
 * and bond units (XAU, XTS, XBA...) have no minor unit and are left out: no payment is made in them.
 */
const codesByDigits = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  2: [
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW",
    "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF",
    "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK",
    "MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP",
    "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG",
    "YER ZAR ZMW ZWG",
  ].join(" "),
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
} as const;

const digitsByCode: ReadonlyMap<string, number> = new Map(
  Object.entries(codesByDigits).flatMap(([digits, codes]) =>
    codes.split(" ").map(code => [code, Number(digits)] as const),
  ),
);

/** Decimals of every currency's minor unit, by code. */
export const currencyDigits: Readonly<Record<string, number>> = Object.fromEntries(digitsByCode);

/** Decimals of the currency's minor unit (ISO 4217); null for an unknown code. Codes are in upper case. */
export function minorDigits(currency: string): number | null {
  return digitsByCode.get(currency) ?? null;
}
