import { jsonReply, problemReply } from "../kit/reply.ts";
import type { NonEmpty, Problem, Reply } from "../provider.ts";

/** What Codian wants once a callback is kept, for an unknown transaction too. */
export function accepted(): Reply {
  return jsonReply({ success: true, message: "Callback accepted" });
}

/** An invalid body: Codian looks at `success`, people at the fields named beside it. */
export function refused(problems: NonEmpty<Problem>): Reply {
  return problemReply(problems, { success: false });
}
