import { and, eq, gte, inArray, lte, or, type SQL, sql } from "drizzle-orm";
import { transactions } from "../../database/schema/transactions.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { amountRanges } from "./amount-filter.ts";

type AmountFilter = { amount_min?: string | undefined; amount_max?: string | undefined };

/** Amounts in so few transactions are found by the index; others are met soon on the way from the newest. */
const fewAmounts = 2_000;

/** Amounts within the bounds, in any currency; undefined without bounds. */
export function amountCondition(filter: AmountFilter): SQL | undefined {
  const conditions = amountConditions(filter);
  return conditions.length === 0 ? undefined : or(...conditions);
}

/** One condition for each group of currencies with the same minor digits. */
function amountConditions({ amount_min, amount_max }: AmountFilter): (SQL | undefined)[] {
  return amountRanges(amount_min, amount_max).map(({ currencies, from, to }) =>
    and(
      inArray(transactions.currency, currencies),
      from === null ? undefined : gte(transactions.amount, from),
      to === null ? undefined : lte(transactions.amount, to),
    ),
  );
}

/**
 * The ids with amounts within the bounds, where they are few: the planner, which knows nothing of where they lie, would
 * walk from the newest for them.
 */
export async function fewByAmount(db: DrizzleQueryable, shard: number, filter: AmountFilter): Promise<SQL[]> {
  const perGroup = await Promise.all(
    amountConditions(filter).map(condition =>
      db
        .select({ id: transactions.id })
        .from(transactions)
        .where(and(eq(transactions.shard, shard), condition))
        .limit(fewAmounts + 1),
    ),
  );
  const ids = perGroup.flat().map(({ id }) => id);
  if (perGroup.length === 0 || ids.length > fewAmounts) return [];
  return [sql`${transactions.id} = any(string_to_array(${ids.join(",")}, ',')::uuid[])`];
}
