import { z } from "zod";

/** The JSON of `problemResponse`. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: "What is wrong and what to do" }),
    request_id: z.string().meta({ description: "The same as in the `x-request-id` header and the log" }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: "With 422: each field that is wrong" }),
  })
  .meta({ id: "Problem", description: "RFC 9457" });
