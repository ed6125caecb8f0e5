import { z } from "zod";

const depthMax = 10;
const nodesMax = 500;
const optionsMax = 20;
const textCharsMax = 1000;

export type UssdMenu = { text: string; options?: Record<string, UssdMenu> | undefined; end?: boolean | undefined };

const menu: z.ZodType<UssdMenu, UssdMenu> = z
  .strictObject({
    text: z.string().min(1).max(textCharsMax),
    get options() {
      return z
        .record(z.string().regex(/^[^*#]{1,20}$/, "an option is 1 to 20 characters without * and #"), menu)
        .refine(options => Object.keys(options).length <= optionsMax, `has more than ${optionsMax} options`)
        .optional();
    },
    end: z.boolean().optional(),
  })
  .refine(({ options, end }) => !(end && options), {
    path: ["end"],
    message: "must be left out where there are options",
  })
  .meta({ id: "UssdMenu", description: "What the subscriber reads, and what each answer leads to." });

/** A whole menu, of bounded depth and size. */
export const ussdMenu = menu.superRefine((root, ctx) => {
  const { depth, nodes } = measure(root);
  if (depth > depthMax) ctx.addIssue(`is deeper than ${depthMax} levels`);
  if (nodes > nodesMax) ctx.addIssue(`has more than ${nodesMax} texts`);
});

function measure(root: UssdMenu): { depth: number; nodes: number } {
  const below = Object.values(root.options ?? {}).map(measure);
  return {
    depth: 1 + Math.max(0, ...below.map(({ depth }) => depth)),
    nodes: 1 + below.reduce((sum, { nodes }) => sum + nodes, 0),
  };
}
