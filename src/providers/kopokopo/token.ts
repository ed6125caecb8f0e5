import { readBearerToken } from "../kit/bearer-token.ts";
import { clientCredentialsForm } from "../kit/client-credentials.ts";
import type { TokenCall } from "../token.ts";

/** Where the answer does not say [doc]. */
const expiresByDefaultS = 3600;

export const token: TokenCall = {
  credentials: [["client_id", "client_secret"]],
  request: ({ credentials }) => clientCredentialsForm(credentials, { path: "/oauth/token" }),
  read: (answer, now) => readBearerToken(answer, now, expiresByDefaultS),
};
