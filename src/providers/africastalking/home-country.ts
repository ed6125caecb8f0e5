/** ISO 3166: how phones without a country code are read where the connection names no country. */
export const homeCountry = "KE";
