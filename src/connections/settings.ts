import { z } from "zod";
import { ussdSettings } from "./ussd-settings.ts";
import { validationSettings } from "./validation-settings.ts";

const scheduleItemsMax = 100;
const secondsMax = 366 * 86_400;
const ratePerMinuteMax = 60_000;

const reconcileSettings = z.strictObject({
  schedule_s: z
    .array(z.int().min(1).max(secondsMax))
    .max(scheduleItemsMax)
    .refine(items => items.every((item, i) => i === 0 || item >= items[i - 1]!), "must ascend: seconds since creation")
    .optional()
    .meta({ description: "When a transaction is polled, in seconds after its creation" }),
  give_up_after_s: z
    .int()
    .min(1)
    .max(secondsMax)
    .optional()
    .meta({ description: "When polling ends and the transaction is `unresolved`; 172800 by default" }),
  rate_per_minute: z
    .int()
    .min(1)
    .max(ratePerMinuteMax)
    .optional()
    .meta({ description: "Calls to the provider at most; by default what the provider is known to bear" }),
  audit: z
    .strictObject({
      share: z.number().gt(0).max(1).default(1),
      amount_from: z
        .string()
        .regex(/^\d{1,15}(\.\d{1,4})?$/, 'must be an amount as text, such as "5000.00"')
        .optional(),
    })
    .optional()
    .meta({
      description: "Every night so large a share of the finished transactions, from this amount on, is polled again",
    }),
  pull: z.boolean().optional().meta({ description: "Whether statements are pulled (Daraja), at once and then hourly" }),
});

/**
 * `settings` of a connection, as the API takes and shows them and as the rooms read them. A part that is left out has
 * its room's default.
 */
export const connectionSettings = z
  .strictObject({
    settle_on: z
      .enum(["hint", "match", "proof"])
      .optional()
      .meta({
        description:
          "What gives a final status: any callback (`hint`), one that fits the registration (`match`, the default) " +
          "or only what is signed or polled (`proof`)",
      }),
    confirm_above: z
      .string()
      .regex(/^\d{1,15}(\.\d{1,4})?$/, 'must be an amount as text, such as "5000.00"')
      .optional()
      .meta({ description: "From this amount on a success needs proof, and a failure of outgoing money too" }),
    approve_above: z
      .string()
      .regex(/^\d{1,15}(\.\d{1,4})?$/, 'must be an amount as text, such as "5000.00"')
      .optional()
      .meta({
        description:
          "From this amount on a decision, a payout or a reversal waits for a second person; so does raising or " +
          "removing this setting",
      }),
    low_balance: z
      .string()
      .regex(/^\d{1,15}(\.\d{1,4})?$/, 'must be an amount as text, such as "5000.00"')
      .optional()
      .meta({ description: "Below this balance an alert `low_balance` opens" }),
    c2b_validation: validationSettings
      .optional()
      .meta({ description: "How Daraja is answered whether a C2B payment is accepted" }),
    airtime_validation: validationSettings
      .optional()
      .meta({ description: "How Africa's Talking is answered whether airtime is sent" }),
    ussd: ussdSettings.optional().meta({ description: "Who answers USSD: a menu, or the merchant's own program" }),
    reconcile: reconcileSettings.optional(),
    relay: z
      .strictObject({
        url: z
          .string()
          .meta({ description: "The handler that was there before", examples: ["https://shop.example/mpesa"] }),
        channels: z
          .array(z.string().min(1).max(100))
          .min(1)
          .max(50)
          .optional()
          .meta({ description: "Channels whose callbacks go on; all where left out", examples: [["stk"]] }),
      })
      .optional()
      .meta({ description: "Where the untouched callbacks go on to, signed with the connection's `forward_secret`" }),
    receivers: z
      .array(z.string().trim().min(1).max(100))
      .max(100)
      .optional()
      .meta({
        description:
          "Further receivers (short codes, tills, merchant ids) whose callbacks belong to this connection, beside " +
          "the one that its credentials name",
      }),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, "must be an ISO 3166 code in capitals, such as KE")
      .optional()
      .meta({ description: "ISO 3166: the country of its money and phones; the provider's own where left out" }),
  })
  .meta({ id: "Settings", examples: [{ settle_on: "match", confirm_above: "50000.00" }] });

export type ConnectionSettings = z.output<typeof connectionSettings>;

/**
 * Settings as a row holds them. USSD settings that another version of the program wrote and this one cannot use are
 * dropped: a menu is walked while a subscriber waits.
 */
export function usableSettings({ ussd, ...stored }: ConnectionSettings): ConnectionSettings {
  const parsed = ussdSettings.safeParse(ussd);
  return parsed.success ? { ...stored, ussd: parsed.data } : stored;
}
