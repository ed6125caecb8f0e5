import { destination, type Logger } from "pino";
import { makeLogger } from "../app/log.ts";

/** A log for short commands: errors only, on standard error, so that standard output has the result alone. */
export function quietLog(): Logger {
  return makeLogger({ level: "error", destination: destination({ dest: 2, sync: true }) });
}
