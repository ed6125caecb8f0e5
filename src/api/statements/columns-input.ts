import { z } from "zod";
import { statementFields } from "../../providers/statement.ts";

const columnName = z.string().trim().min(1).max(200);

const columns = z.partialRecord(z.enum(statementFields), columnName).superRefine((named, ctx) => {
  if (named.receipt === undefined) ctx.addIssue("names no column receipt");
  if (named.completed_at === undefined) ctx.addIssue("names no column completed_at");
  const hasTwo = named.paid_in !== undefined || named.withdrawn !== undefined;
  if ((named.amount === undefined) !== hasTwo) ctx.addIssue("names either amount, or paid_in and withdrawn");
});

/** The columns of another bank's file, as JSON in the query. */
export const columnsInput = z
  .string()
  .max(4_000)
  .meta({
    description:
      "For a statement that is no M-Pesa organisation statement: the names of its columns as JSON, by what they " +
      `hold: \`${statementFields.join("`, `")}\`. Needed: \`receipt\`, \`completed_at\`, and \`amount\` (negative ` +
      "where money went out) or `paid_in` and `withdrawn`.",
    examples: ['{"receipt":"Reference","completed_at":"Date","amount":"Amount"}'],
  })
  .transform((text, ctx) => {
    const parsed = columns.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    ctx.addIssue(issue?.code === "custom" ? issue.message : "must be a JSON object of column names by field");
    return z.NEVER;
  });

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
