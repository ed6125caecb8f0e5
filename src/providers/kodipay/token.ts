import { readBearerToken } from "../kit/bearer-token.ts";
import { postJson } from "../kit/post-json.ts";
import type { TokenCall } from "../token.ts";

/** Where the answer does not say. */
const expiresByDefaultS = 300;

export const token: TokenCall = {
  credentials: [["client_id", "client_secret"]],
  request({ credentials }) {
    const { client_id, client_secret } = credentials;
    return postJson("/oauth/token", { grant_type: "client_credentials", client_id, client_secret });
  },
  read: (answer, now) => readBearerToken(answer, now, expiresByDefaultS),
};
