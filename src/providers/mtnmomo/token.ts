import { readBearerToken } from "../kit/bearer-token.ts";
import type { TokenCall } from "../token.ts";
import { type MtnProduct, needsOf, subscriptionKey } from "./products.ts";

/** Where the answer does not say [doc]. */
const expiresByDefaultS = 3600;

/** The access token of one product. */
export function tokenOf(product: MtnProduct): TokenCall {
  return {
    credentials: needsOf(product),
    request({ credentials }) {
      const user = `${credentials[`${product}_api_user`] ?? ""}:${credentials[`${product}_api_key`] ?? ""}`;
      return {
        method: "POST",
        path: `/${product}/token/`,
        headers: {
          authorization: `Basic ${Buffer.from(user).toString("base64")}`,
          ...subscriptionKey(product, credentials),
        },
      };
    },
    read: (answer, now) => readBearerToken(answer, now, expiresByDefaultS),
  };
}
