import { jsonReply, problemReply } from "../kit/reply.ts";
import type { FieldProblem, NonEmpty, Reply } from "../provider.ts";

/** What Codian wants once a callback is kept, for an unknown transaction too. */
export function accepted(): Reply {
  return jsonReply({ success: true, message: "Callback accepted" });
}

/** An invalid body: Codian looks at `success`, people at the fields named beside it. */
export function refused(problems: NonEmpty<FieldProblem>): Reply {
  return problemReply(problems, { success: false });
}
