import { gte, lt, type SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { lowestUuid } from "../../domain/ids.ts";
import { timeInput } from "../schemas/fields.ts";

/** Query parameters of lists by time. */
export const createdQuery = {
  created_after: timeInput.optional().meta({ description: "Created at this time or later" }),
  created_before: timeInput.optional().meta({ description: "Created before this time" }),
};

export type CreatedFilter = { created_after?: Date | undefined; created_before?: Date | undefined };

/** Ids contain the application's time, `created_at` the database's: ids bound the scan, so much wider. */
export const idSlackMs = 3_600_000;

/** The range of ids that two times leave, for a column of ids beside which no time stands. */
export function createdIds(id: PgColumn, { created_after: after, created_before: before }: CreatedFilter): SQL[] {
  return [
    ...(after ? [gte(id, lowestUuid(after.getTime() - idSlackMs))] : []),
    ...(before ? [lt(id, lowestUuid(before.getTime() + idSlackMs))] : []),
  ];
}

/** Rows created within two times: ids bound the scan, and the column decides. */
export function createdWithin(columns: { id: PgColumn; at: PgColumn }, filter: CreatedFilter): SQL[] {
  const { created_after: after, created_before: before } = filter;
  const times = [after && gte(columns.at, after), before && lt(columns.at, before)];
  return [...createdIds(columns.id, filter), ...times.filter(condition => condition !== undefined)];
}
