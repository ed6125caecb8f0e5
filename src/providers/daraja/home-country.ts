/** ISO 3166: where a connection is that names no country. M-Pesa Ethiopia has Daraja's interface at its own hosts. */
export const homeCountry = "KE";
