import { z } from "zod";
import { plainGsm } from "./ussd/gsm.ts";
import type { Menu } from "./ussd/menu.ts";
import { screenChars } from "./ussd/screen.ts";

const menuLimits = { depthMax: 10, menusMax: 500, optionsMax: 20, choiceCharsMax: 20 } as const;
/** What is beyond a channel's own deadline (deadlines.ts) is harmless: the answer is given by then, whatever this says. */
const timeoutMsMax = 60_000;

const needsUrl = { path: ["url"], message: "is required where mode is forward" };

/** `settings.c2b_validation` and `settings.airtime_validation` of a connection. The URL itself is checked by whoever may call it. */
export const validationSettings = z
  .strictObject({
    mode: z.enum(["accept", "match", "forward"]),
    url: z.string().optional(),
    timeout_ms: z.int().min(1).max(timeoutMsMax).optional(),
    fallback: z.enum(["accept", "reject"]).optional(),
  })
  .refine(({ mode, url }) => mode !== "forward" || url !== undefined, needsUrl);

const shown = z
  .string()
  .refine(text => plainGsm(text) !== "", "has no characters that a phone shows")
  .refine(
    text => plainGsm(text).length <= screenChars.max,
    `is longer than the ${screenChars.max} characters that are shown`,
  );

const back = z.strictObject({ back: z.literal(true) });

const menu: z.ZodType<Menu, Menu> = z
  .strictObject({
    text: shown,
    get options() {
      return z
        .record(
          z
            .string()
            .regex(/^[^*#\s](?:[^*#]*[^*#\s])?$/, "a choice is what people type, without * and #")
            .max(menuLimits.choiceCharsMax),
          z.union([back, menu]),
        )
        .refine(
          options => Object.keys(options).length <= menuLimits.optionsMax,
          `has more than ${menuLimits.optionsMax} options`,
        )
        .optional();
    },
    end: z.boolean().optional(),
  })
  .refine(({ options, end }) => !(end && options && Object.keys(options).length > 0), {
    path: ["end"],
    message: "must be left out where there are options",
  })
  .meta({ id: "UssdMenu", description: "What the subscriber reads, and what each choice leads to." });

const wholeMenu = menu.superRefine((root, ctx) => {
  const { depth, menus } = measure(root);
  if (depth > menuLimits.depthMax) ctx.addIssue(`is deeper than ${menuLimits.depthMax} levels`);
  if (menus > menuLimits.menusMax) ctx.addIssue(`has more than ${menuLimits.menusMax} menus`);
});

/** `settings.ussd` of a connection. */
export const ussdSettings = z
  .strictObject({
    mode: z.enum(["menu", "forward"]),
    menu: wholeMenu.optional(),
    url: z.string().optional(),
    timeout_ms: z.int().min(1).max(timeoutMsMax).optional(),
    fallback: z
      .string()
      .startsWith("END ", "must begin with END and a space")
      .refine(
        text => shown.safeParse(text.slice(4)).success,
        `must say something in at most ${screenChars.max} characters`,
      )
      .optional(),
  })
  .refine(({ mode, url }) => mode !== "forward" || url !== undefined, needsUrl)
  .refine(({ mode, menu }) => mode !== "menu" || menu !== undefined, {
    path: ["menu"],
    message: "is required where mode is menu",
  });

export type UssdSettings = z.output<typeof ussdSettings>;

function measure(menu: Menu): { depth: number; menus: number } {
  const below = Object.values(menu.options ?? {}).flatMap(choice => ("back" in choice ? [] : [measure(choice)]));
  return {
    depth: 1 + Math.max(0, ...below.map(({ depth }) => depth)),
    menus: 1 + below.reduce((sum, { menus }) => sum + menus, 0),
  };
}
