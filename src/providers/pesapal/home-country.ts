/** Where the connection names no country. */
export const homeCountry = "KE";
