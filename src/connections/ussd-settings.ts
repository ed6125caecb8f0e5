import { z } from "zod";
import { plainGsm, ussdChars } from "../domain/gsm.ts";
import { forwardNeedsUrl, timeoutMs } from "./validation-settings.ts";

const menuLimits = { depthMax: 10, menusMax: 500, optionsMax: 20, choiceCharsMax: 20 } as const;

const shownText = z
  .string()
  .refine(text => plainGsm(text) !== "", "has no characters that a phone shows")
  .refine(
    text => plainGsm(text).length <= ussdChars.max,
    `is longer than the ${ussdChars.max} characters that a phone shows`,
  );

/** Instead of a menu: the choice leads to the menu before. */
const back = z.strictObject({ back: z.literal(true) });

const choice = z
  .string()
  .regex(/^[^*#\s](?:[^*#]*[^*#\s])?$/, "a choice is what people type, without * and #")
  .max(menuLimits.choiceCharsMax);

/**
 * A menu of USSD settings. `text` is shown as it is, so it names the options itself. Written out because it contains
 * itself.
 */
export type UssdMenu = {
  text: string;
  options?: Record<string, UssdMenu | z.output<typeof back>> | undefined;
  end?: boolean | undefined;
};

const menu: z.ZodType<UssdMenu, UssdMenu> = z
  .strictObject({
    text: shownText,
    get options() {
      return z
        .record(choice, z.union([back, menu]))
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
    timeout_ms: timeoutMs.optional(),
    fallback: z
      .string()
      .startsWith("END ", "must begin with END and a space")
      .refine(
        text => shownText.safeParse(text.slice(4)).success,
        `must say something in at most ${ussdChars.max} characters`,
      )
      .optional(),
  })
  .refine(({ mode, url }) => mode !== "forward" || url !== undefined, forwardNeedsUrl)
  .refine(({ mode, menu }) => mode !== "menu" || menu !== undefined, {
    path: ["menu"],
    message: "is required where mode is menu",
  });

export type UssdSettings = z.output<typeof ussdSettings>;

function measure(menu: UssdMenu): { depth: number; menus: number } {
  const below = Object.values(menu.options ?? {}).flatMap(choice => ("back" in choice ? [] : [measure(choice)]));
  return {
    depth: 1 + Math.max(0, ...below.map(({ depth }) => depth)),
    menus: 1 + below.reduce((sum, { menus }) => sum + menus, 0),
  };
}
