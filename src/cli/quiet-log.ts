import { destination, type Logger } from "pino";
import { makeLogger } from "../app/log.ts";

/** For commands that are done in a moment: only what went wrong, on standard error, so that standard output is the answer alone. */
export function quietLog(): Logger {
  return makeLogger({ level: "error", destination: destination({ dest: 2, sync: true }) });
}
