import { z } from "zod";
import { environments, kindNames, reviewReasons, statuses } from "../../domain/kinds.ts";
import { beginningHash, nameCharsMin, searchableName } from "../../settle/name-hashes.ts";
import type { ApiDeps } from "../deps.ts";
import { createdQuery } from "../lists/created.ts";
import { listQuery } from "../lists/list.ts";
import { idInput, phoneInput, timeInput } from "../schemas/fields.ts";

const amountInput = z.string().regex(/^\d{1,15}(\.\d{1,4})?$/, 'must be an amount, such as "5000.00"');
const nameBeginning = z
  .string()
  .max(200)
  .refine(text => [...searchableName(text)].length >= nameCharsMin, `must have ${nameCharsMin} characters or more`);

/** The filters of the list, which its CSV has too. */
export const transactionQuery = z.strictObject({
  ...listQuery,
  status: z.enum(statuses).optional(),
  provider: z.string().optional(),
  kind: z.enum(kindNames).optional(),
  environment: z.enum(environments).optional(),
  connection_id: idInput("connection").optional(),
  reference: z.string().optional().meta({ description: "Compared trimmed and in any letter case" }),
  provider_ref: z.string().optional().meta({ description: "The value of any of `provider_refs`, in any letter case" }),
  review: z
    .enum(["true", "false", ...reviewReasons])
    .optional()
    .meta({ description: "A reason, or `true` for any review, or `false` for none" }),
  phone: phoneInput.optional().meta({ description: "In any form: `0712…`, `254712…`, `+254712…`" }),
  party_name: nameBeginning.optional().meta({ description: "Begins with, in any letter case; 3 characters or more" }),
  amount_min: amountInput.optional().meta({ description: "In main units of the transaction's currency" }),
  amount_max: amountInput.optional(),
  ...createdQuery,
  occurred_after: timeInput.optional().meta({ description: "`occurred_at` at this time or later" }),
  occurred_before: timeInput.optional().meta({ description: "`occurred_at` before this time" }),
});

type Filters = Omit<z.output<typeof transactionQuery>, "limit" | "cursor">;

/** What the store filters by: phones and names by their keyed hashes. */
export function filterOf<Query extends Filters>(
  query: Query,
  merchantId: string | null,
  { sql, phones }: Pick<ApiDeps, "sql" | "phones">,
) {
  return {
    ...query,
    merchantId,
    phoneHash: query.phone === undefined ? undefined : phones.ofPhone(query.phone),
    nameHash: query.party_name === undefined ? undefined : beginningHash(query.party_name, sql.vault)!,
  };
}

/** A hash is of the first characters, and may be that of another name. */
export function beginsWith(name: string | null, beginning: string | undefined): boolean {
  return beginning === undefined || (name !== null && searchableName(name).startsWith(searchableName(beginning)));
}
