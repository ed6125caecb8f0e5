import type { Connection } from "../../connections/connection.ts";
import type { ValidationSettings } from "../../connections/validation-settings.ts";
import type { DecisionChannel, ValidationVerdict } from "../../providers/decision.ts";

/** A channel that asks whether a payment is accepted, or airtime sent. */
export type ValidationChannel = Extract<DecisionChannel, { type: "c2b.validation" | "airtime.validation" }>;

export type ValidationType = ValidationChannel["type"];

/** Without settings every payment is accepted, and airtime is sent only where it is registered. */
const defaults = {
  "c2b.validation": { mode: "accept", fallback: "accept" },
  "airtime.validation": { mode: "match", fallback: "reject" },
} as const satisfies Record<ValidationType, ValidationSettings>;

const settingsName = { "c2b.validation": "c2b_validation", "airtime.validation": "airtime_validation" } as const;

/** The connection's settings over the defaults of the type. */
export function effectiveSettings(type: ValidationType, { settings }: Pick<Connection, "settings">) {
  return { ...defaults[type], ...settings[settingsName[type]] };
}

/** The verdict where there is no decision in time. */
export function fallbackVerdict(type: ValidationType, connection: Pick<Connection, "settings">): ValidationVerdict {
  const { fallback } = effectiveSettings(type, connection);
  return fallback === "accept" ? { accept: true } : { accept: false, reason: "other" };
}
