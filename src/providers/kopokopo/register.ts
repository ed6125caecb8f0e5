import { postJson } from "../kit/post-json.ts";
import { failureByStatus, isOk } from "../kit/response.ts";
import { refusedCall } from "../kit/said.ts";
import type { RegisterCall } from "../register.ts";

/** The topics that are about payments to a till. */
const topics = [
  "buygoods_transaction_received",
  "buygoods_transaction_reversed",
  "b2b_transaction_received",
  "b2b_transaction_reversed",
] as const;

/** Subscribes the webhook's URL to each topic of the till; stops at the first that is refused. */
export const registerWebhooks: RegisterCall = {
  what: "webhook subscriptions",
  credentials: [["client_id", "client_secret", "till_number"]],
  async run({ callbackUrls, credentials, now }, send) {
    const url = callbackUrls.webhook;
    if (url === undefined) return { kind: "refused", code: null, reason: "There is no callback URL for webhook." };
    for (const topic of topics) {
      const body = {
        event_type: topic,
        url,
        scope: "till",
        scope_reference: credentials.till_number,
        enable_daraja_payload: false,
      };
      const answer = await send(postJson("/api/v2/webhook_subscriptions", body, { auth: "bearer" }));
      if (answer.kind !== "answer") return answer;
      const failure = failureByStatus(answer, now, true);
      if (failure) return failure;
      if (!isOk(answer)) return refusedCall(answer);
    }
    return { kind: "registered", channels: ["webhook"] };
  },
};
