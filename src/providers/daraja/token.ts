import { readBearerToken } from "../kit/bearer-token.ts";
import type { TokenCall } from "../token.ts";
import { callFailureIn } from "./call-failure.ts";

/** As documented; sent as a number or a text. */
const expiresByDefaultS = 3599;

/** A new token makes the last one invalid [doc]: all processes share one. */
export const token: TokenCall = {
  credentials: [["consumer_key", "consumer_secret"]],
  request({ credentials }) {
    const pair = `${credentials.consumer_key}:${credentials.consumer_secret}`;
    return {
      method: "GET",
      path: "/oauth/v1/generate?grant_type=client_credentials",
      headers: { authorization: `Basic ${Buffer.from(pair).toString("base64")}`, accept: "application/json" },
    };
  },
  read(answer, now) {
    const failure = callFailureIn(answer, now);
    // A busy gateway, or the firewall's 403; anything else about tokens is about the key and secret.
    if (failure?.kind === "throttled" || (failure && answer.status === 403)) return failure;
    return readBearerToken(answer, now, expiresByDefaultS);
  },
};
