import { timeReader } from "../../domain/time.ts";
import { fieldsOf, isObject } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { failureByStatus, isOk, jsonObjectOf, unavailable } from "../kit/response.ts";
import { reasonOf, saidIn } from "../kit/said.ts";
import { textOf } from "../kit/text.ts";
import type { TokenCall } from "../token.ts";

/** Five minutes [doc]. */
const lifeS = 300;
const usable = /^[\x21-\x7e]{1,4096}$/;
const readTime = timeReader(["yyyy-MM-ddTHH:mm[:ss[.SSS]][XX]"], 0);

/** `{token, expiryDate, error}`; wrong credentials are answered 200 with an `error`. */
export const token: TokenCall = {
  credentials: [["consumer_key", "consumer_secret"]],
  request({ credentials }) {
    const { consumer_key, consumer_secret } = credentials;
    return postJson("/api/Auth/RequestToken", { consumer_key, consumer_secret });
  },
  read(answer, now) {
    const failure = failureByStatus(answer, now, false);
    if (failure) return failure;
    const field = fieldsOf(jsonObjectOf(answer));
    const value = textOf(field("token"));
    if (!isOk(answer) || isObject(field("error"))) {
      return { kind: "credentials-refused", token: false, reason: reasonOf(answer.status, saidIn(answer)) };
    }
    if (value === null || !usable.test(value)) return unavailable("the token answer has no token");
    const expiresAt = readTime(field("expiryDate"));
    const untilExpiryS = expiresAt === null ? lifeS : Math.floor((expiresAt.getTime() - now.getTime()) / 1000);
    // A clock that is wrong by hours makes a token that never lives, or lives too long.
    const expiresInS = untilExpiryS > 0 && untilExpiryS <= lifeS ? untilExpiryS : lifeS;
    return { kind: "token", token: value, expiresInS };
  },
};
