import { createTelemetry } from "../../src/telemetry/telemetry.ts";
import { silentLog } from "./silent-log.ts";

/** Events without a subscriber. */
export const silentTelemetry = createTelemetry(silentLog);
