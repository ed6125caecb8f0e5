import { jsonReply } from "../kit/reply.ts";

/** What Daraja wants once a callback is kept; anything else may lose the next copy. */
export function accepted() {
  return jsonReply({ ResultCode: 0, ResultDesc: "Accepted" });
}
