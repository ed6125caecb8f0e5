import { readBearerToken } from "../kit/bearer-token.ts";
import { postJson } from "../kit/post-json.ts";
import type { TokenCall } from "../token.ts";

/** Tokens live three minutes; `expires_in` is a text [doc]. */
const expiresByDefaultS = 180;

export const token: TokenCall = {
  credentials: [["client_id", "client_secret"]],
  request({ credentials }) {
    const { client_id, client_secret } = credentials;
    return postJson("/auth/oauth2/token", { client_id, client_secret, grant_type: "client_credentials" });
  },
  read: (answer, now) => readBearerToken(answer, now, expiresByDefaultS),
};
