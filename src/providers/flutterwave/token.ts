import { readBearerToken } from "../kit/bearer-token.ts";
import { clientCredentialsForm } from "../kit/client-credentials.ts";
import type { TokenCall } from "../token.ts";

/** Where the answer does not say. */
const expiresByDefaultS = 300;
const path = "/realms/flutterwave/protocol/openid-connect/token";

/** Version 4's access token, from a host of its own. */
export const token: TokenCall = {
  credentials: [["client_id", "client_secret"]],
  request: ({ credentials }) => clientCredentialsForm(credentials, { host: "tokens", path }),
  read: (answer, now) => readBearerToken(answer, now, expiresByDefaultS),
};
