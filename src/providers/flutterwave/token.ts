import { readBearerToken } from "../kit/bearer-token.ts";
import type { TokenCall } from "../token.ts";

/** Where the answer does not say. */
const expiresByDefaultS = 300;

/** Version 4's access token, from a host of its own. */
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
      host: "tokens",
      path: "/realms/flutterwave/protocol/openid-connect/token",
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      body: form.toString(),
    };
  },
  read: (answer, now) => readBearerToken(answer, now, expiresByDefaultS),
};
