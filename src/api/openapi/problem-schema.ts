import { z } from "zod";
import { idOutput } from "../schemas/fields.ts";

/** The JSON of `problemResponse`. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: "`about:blank`, or the name of a kind of problem: `registration-differs`" }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: "What is wrong and what to do" }),
    request_id: z.string().meta({ description: "The same as in the `x-request-id` header and the log" }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: "With 422: each field that is wrong" }),
    transaction_id: idOutput("transaction")
      .optional()
      .meta({ description: "With `registration-differs`: the transaction that was registered before" }),
    fields: z
      .array(z.string())
      .optional()
      .meta({ description: "With `registration-differs`: the fields that say something else" }),
    finished: z
      .boolean()
      .optional()
      .meta({ description: "With `registration-differs`: the transaction is final, so `amend` cannot help" }),
  })
  .meta({ id: "Problem", description: "RFC 9457" });
