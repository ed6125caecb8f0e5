import { readBearerToken } from "../kit/bearer-token.ts";
import type { TokenCall } from "../token.ts";

/** Where the answer does not say [doc]. */
const expiresByDefaultS = 3600;

export const token: TokenCall = {
  credentials: [["client_id", "client_secret"]],
  request({ credentials }) {
    const form = new URLSearchParams({
      client_id: (credentials.client_id ?? "").trim(),
      client_secret: (credentials.client_secret ?? "").trim(),
      grant_type: "client_credentials",
    });
    return {
      method: "POST",
      path: "/oauth/token",
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      body: form.toString(),
    };
  },
  read: (answer, now) => readBearerToken(answer, now, expiresByDefaultS),
};
