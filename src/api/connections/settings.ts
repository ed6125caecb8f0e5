import { z } from "zod";
import { ussdSettings, validationSettings } from "../../answer/settings.ts";
import type { AddressRange } from "../../egress/address.ts";
import { checkUrl } from "../../egress/url.ts";
import type { FieldError } from "../problem.ts";

const scheduleItemsMax = 100;
const secondsMax = 366 * 86_400;
const ratePerMinuteMax = 60_000;
const reconcile = z.strictObject({
  schedule_s: z
    .array(z.int().min(1).max(secondsMax))
    .max(scheduleItemsMax)
    .refine(items => items.every((item, i) => i === 0 || item >= items[i - 1]!), "must ascend: seconds since creation")
    .optional(),
  give_up_after_s: z.int().min(1).max(secondsMax).optional(),
  rate_per_minute: z.int().min(1).max(ratePerMinuteMax).optional(),
  pull: z.boolean().optional(),
});

/** Connection `settings` (contract, sections 3, 5, 6, 7). What is left out has the default of its room. */
export const settingsInput = z
  .strictObject({
    settle_on: z.enum(["hint", "match", "proof"]).optional(),
    confirm_above: z
      .string()
      .regex(/^\d{1,15}(\.\d{1,4})?$/, 'must be an amount as text, such as "5000.00"')
      .optional(),
    c2b_validation: validationSettings("c2b").optional(),
    airtime_validation: validationSettings("airtime").optional(),
    ussd: ussdSettings.optional(),
    reconcile: reconcile.optional(),
  })
  .meta({ id: "Settings" });

export type SettingsInput = z.output<typeof settingsInput>;

/** The URLs in settings that may not be called. */
export function settingsUrlErrors(settings: SettingsInput, allow: AddressRange[]): FieldError[] {
  return (["c2b_validation", "airtime_validation", "ussd"] as const).flatMap(name => {
    const url = settings[name]?.url;
    const checked = url === undefined ? null : checkUrl(url, allow);
    return checked === null || checked.ok ? [] : [{ path: `settings.${name}.url`, message: checked.problem }];
  });
}
