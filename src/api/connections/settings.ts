import { z } from "zod";
import type { AddressRange } from "../../egress/address.ts";
import { checkUrl } from "../../egress/url.ts";
import type { FieldError } from "../problem.ts";
import { ussdMenu } from "./ussd-menu.ts";

const scheduleItemsMax = 100;
const secondsMax = 366 * 86_400;
const ratePerMinuteMax = 60_000;
/** Hard limits of the answers: airtime within 1 s, C2B within 5 s, a USSD gateway waits 10 s. */
const timeoutMsMax = { c2b: 5_000, airtime: 1_000, ussd: 10_000 } as const;

const needsUrl = {
  path: ["url"],
  message: "is required where mode is forward",
};

const validation = (timeoutMax: number) =>
  z
    .strictObject({
      mode: z.enum(["accept", "match", "forward"]),
      url: z.string().optional(),
      timeout_ms: z.int().min(1).max(timeoutMax).optional(),
      fallback: z.enum(["accept", "reject"]).optional(),
    })
    .refine(({ mode, url }) => mode !== "forward" || url !== undefined, needsUrl);

const ussd = z
  .strictObject({
    mode: z.enum(["menu", "forward"]),
    menu: ussdMenu.optional(),
    url: z.string().optional(),
    timeout_ms: z.int().min(1).max(timeoutMsMax.ussd).optional(),
    fallback: z
      .string()
      .max(182)
      .regex(/^END .*\S/s, "must begin with END and say something")
      .optional(),
  })
  .refine(({ mode, url }) => mode !== "forward" || url !== undefined, needsUrl)
  .refine(({ mode, menu }) => mode !== "menu" || menu !== undefined, {
    path: ["menu"],
    message: "is required where mode is menu",
  });

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
    c2b_validation: validation(timeoutMsMax.c2b).optional(),
    airtime_validation: validation(timeoutMsMax.airtime).optional(),
    ussd: ussd.optional(),
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
