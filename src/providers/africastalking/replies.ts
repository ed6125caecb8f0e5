import { problemReply, textReply } from "../kit/reply.ts";
import type { FieldProblem, NonEmpty, Reply } from "../provider.ts";

/** Africa's Talking takes any 200; its samples answer `OK`. */
export function accepted(): Reply {
  return textReply("OK");
}

/** 400 with the fields that are missing: it is kept in quarantine all the same. */
export function refused(problems: NonEmpty<FieldProblem>): Reply {
  return problemReply(problems);
}
