import { fieldsOf } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { failureByStatus, isOk, jsonObjectOf, withoutBody } from "../kit/response.ts";
import { refusedCall } from "../kit/said.ts";
import { idOf } from "../kit/text.ts";
import type { RegisterCall } from "../register.ts";

/** The IPN's URL. Orders name it by the id that Pesapal gives it. */
export const registerIpn: RegisterCall = {
  what: "IPN URL",
  credentials: [["consumer_key", "consumer_secret"]],
  async run({ callbackUrls, now }, send) {
    const url = callbackUrls.ipn;
    if (url === undefined) return { kind: "refused", code: null, reason: "There is no callback URL for ipn." };
    const body = { url, ipn_notification_type: "POST" };
    const answer = await send(postJson("/api/URLSetup/RegisterIPN", body, { auth: "bearer" }));
    if (answer.kind !== "answer") return answer;
    const failure = failureByStatus(answer, now, true);
    if (failure) return failure;
    const registered = jsonObjectOf(answer);
    if (registered === null) return withoutBody(answer);
    const id = idOf(fieldsOf(registered)("ipn_id"));
    if (!isOk(answer) || id === null) return refusedCall(answer);
    return { kind: "registered", channels: ["ipn"], ids: { ipn_id: id } };
  },
};
