import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { environments, kindNames, statuses } from "../../domain/kinds.ts";
import { formatSigned } from "../../domain/money.ts";
import { listScope } from "../lists/scope.ts";
import { invalid } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idInput, idOutput, timeInput } from "../schemas/fields.ts";
import { type Grouping, groupings, type TotalRow, totalsOfShard } from "./store.ts";

const groupByInput = z
  .string()
  .meta({
    description: `Any of \`${groupings.join("`, `")}\`, separated by commas`,
    pattern: `^(${groupings.join("|")})(,(${groupings.join("|")}))*$`,
    examples: ["day,kind"],
  })
  .transform((text, ctx) => {
    const names = text.split(",").map(name => name.trim());
    const unknown = names.find(name => !(groupings as readonly string[]).includes(name));
    if (unknown === undefined) return [...new Set(names)] as Grouping[];
    ctx.addIssue(`must be some of ${groupings.join(", ")}, separated by commas`);
    return z.NEVER;
  });

const timeZoneInput = z
  .string()
  .refine(isTimeZone, "is no time zone: send an IANA name such as Africa/Nairobi")
  .meta({
    description: "That of the days, as an IANA name; `HAKIKA_TIME_ZONE` (Africa/Nairobi) where left out",
    examples: ["Africa/Nairobi"],
  });

const totalSchema = z
  .object({
    day: z
      .string()
      .optional()
      .meta({ examples: ["2025-10-18"] }),
    connection_id: idOutput("connection").optional(),
    provider: z
      .string()
      .optional()
      .meta({ examples: ["daraja"] }),
    kind: z.enum(kindNames).optional(),
    status: z.enum(statuses).optional(),
    currency: z
      .string()
      .nullable()
      .meta({ description: "null for transactions without an amount", examples: ["KES"] }),
    count: z.int().meta({ examples: [12] }),
    amount: z.string().meta({ description: "As paid; refunds are not taken off", examples: ["12500.00"] }),
    fees: z.string().meta({ description: "The provider's charges, as statements tell them", examples: ["61.50"] }),
  })
  .meta({ id: "Total" });

export const getTotals = route({
  method: "GET",
  path: "/v1/totals",
  tag: "Books",
  name: "getTotals",
  summary: "Add up a period",
  description:
    "By `occurred_at`, or `created_at` where it is not known; `from` inclusive, `to` exclusive. Without `status` in " +
    "`group_by` only money that moved counts: `completed` and `refunded`. A reversal is a transaction of its own kind.",
  access: "any",
  query: z.strictObject({
    from: timeInput,
    to: timeInput,
    group_by: groupByInput.optional(),
    time_zone: timeZoneInput.optional(),
    merchant_id: idInput("merchant").optional(),
    connection_id: idInput("connection").optional(),
    environment: z.enum(environments).optional(),
  }),
  responses: { 200: { description: "The totals", schema: z.object({ data: z.array(totalSchema) }) } },
  async handle({ caller, query }, { db, timeZone }) {
    const { from, to } = query;
    if (from >= to) return invalid([{ path: "to", message: "must be after from" }]);
    const scope = await listScope(caller, query, [query.connection_id], db);
    if (scope.kind === "problem") return scope;
    const filter = {
      ...{ merchantId: scope.merchantId, from, to, groupBy: query.group_by ?? [] },
      connectionId: query.connection_id ?? null,
      environment: query.environment ?? null,
      timeZone: query.time_zone ?? timeZone,
    };
    const rows = await Promise.all(scope.shards.map(shard => totalsOfShard(db, shard, filter)));
    return ok({ data: merged(rows.flat()).map(totalJson) });
  },
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return /^[A-Za-z][\w+/-]*$/.test(name);
  } catch {
    return false;
  }
}

/** Merchants of several shards add up to one row; newest day first. */
function merged(rows: TotalRow[]): TotalRow[] {
  const byGroup = new Map<string, TotalRow>();
  for (const row of rows) {
    const key = [row.day, row.connection, row.provider, row.kind, row.status, row.currency].join("|");
    const before = byGroup.get(key);
    const { count, amount, fees } = before ?? { count: 0, amount: 0n, fees: 0n };
    byGroup.set(key, { ...row, count: row.count + count, amount: row.amount + amount, fees: row.fees + fees });
  }
  const order = ({ day, connection, provider, kind, status, currency }: TotalRow) =>
    [connection, provider, kind, status, currency, day].join("|");
  return [...byGroup.values()].sort(
    (a, b) => (b.day ?? "").localeCompare(a.day ?? "") || (order(a) < order(b) ? -1 : 1),
  );
}

function totalJson(row: TotalRow) {
  const money = (minor: bigint) => (row.currency === null ? "0" : formatSigned(minor, row.currency));
  return {
    ...(row.day !== null && { day: row.day }),
    ...(row.connection !== null && { connection_id: publicId("connection", row.connection) }),
    ...(row.provider !== null && { provider: row.provider }),
    ...(row.kind !== null && { kind: row.kind }),
    ...(row.status !== null && { status: row.status }),
    currency: row.currency,
    count: row.count,
    amount: money(row.amount),
    fees: money(row.fees),
  };
}
