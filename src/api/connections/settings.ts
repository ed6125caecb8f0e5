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
    .optional()
    .meta({ description: "When a transaction is asked about, in seconds after its creation" }),
  give_up_after_s: z
    .int()
    .min(1)
    .max(secondsMax)
    .optional()
    .meta({ description: "When asking ends and it is `unresolved`; 172800 unless given" }),
  rate_per_minute: z
    .int()
    .min(1)
    .max(ratePerMinuteMax)
    .optional()
    .meta({ description: "Calls at most; as the provider is known to bear unless given" }),
  pull: z.boolean().optional().meta({ description: "Whether statements are pulled (Daraja), at once and then hourly" }),
});

/** Connection `settings`. What is left out has the default of its room. */
export const settingsInput = z
  .strictObject({
    settle_on: z.enum(["hint", "match", "proof"]).optional().meta({
      description:
        "What counts for a final status: any callback, one that matches what was registered (unless given), or only what is signed or asked for",
    }),
    confirm_above: z
      .string()
      .regex(/^\d{1,15}(\.\d{1,4})?$/, 'must be an amount as text, such as "5000.00"')
      .optional()
      .meta({ description: "From this amount on a success needs proof" }),
    c2b_validation: validationSettings
      .optional()
      .meta({ description: "How Daraja is answered whether a C2B payment is taken" }),
    airtime_validation: validationSettings
      .optional()
      .meta({ description: "How Africa's Talking is answered whether airtime is sent" }),
    ussd: ussdSettings.optional().meta({ description: "Who answers USSD: a menu, or the merchant's own program" }),
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
