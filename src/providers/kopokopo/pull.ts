import { eastAfricaTime } from "../kit/east-africa-time.ts";
import { postJson } from "../kit/post-json.ts";
import { failureByStatus, isOk } from "../kit/response.ts";
import { refusedCall } from "../kit/said.ts";
import type { PullCall } from "../pull.ts";

/** The till's transactions. They are asked for here, and come to the channel `result`. */
export const pull: PullCall = {
  credentials: [["client_id", "client_secret", "till_number"]],
  hoursMax: 72,
  async page({ credentials, callbackUrls, now }, { from, to }, _offset, send) {
    const body = {
      scope: "till",
      scope_reference: credentials.till_number,
      from_time: timeOf(from),
      to_time: timeOf(to),
      _links: { callback_url: callbackUrls.result },
    };
    const answer = await send(postJson("/api/v2/polling", body, { auth: "bearer" }));
    if (answer.kind !== "answer") return answer;
    const failure = failureByStatus(answer, now, true);
    if (failure) return failure;
    return isOk(answer) ? { kind: "deferred" } : refusedCall(answer);
  },
};

/** `2026-03-28T08:50:22+03:00` */
function timeOf(at: Date): string {
  return `${eastAfricaTime(at).replace(" ", "T")}+03:00`;
}
