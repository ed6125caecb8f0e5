import { z } from "zod";

/**
 * A longer time-out than the channel's own deadline (answer/deadlines.ts) does no harm: the answer is sent by the
 * deadline.
 */
export const timeoutMs = z.int().min(1).max(60_000);

export const forwardNeedsUrl = { path: ["url"], message: "is required where mode is forward" };

/**
 * `settings.c2b_validation` and `settings.airtime_validation` of a connection. Whether the URL may be called is checked
 * by the API.
 */
export const validationSettings = z
  .strictObject({
    mode: z.enum(["accept", "match", "forward"]),
    url: z.string().optional(),
    timeout_ms: timeoutMs.optional(),
    fallback: z.enum(["accept", "reject"]).optional(),
  })
  .refine(({ mode, url }) => mode !== "forward" || url !== undefined, forwardNeedsUrl);

export type ValidationSettings = z.output<typeof validationSettings>;
