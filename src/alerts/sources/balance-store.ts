import type { Queryable, Sql } from "../../database/connect.ts";
import { everyShard } from "../../database/every-shard.ts";
import type { AlertCause } from "../../domain/alerts.ts";
import { currencyDigits } from "../../domain/currencies.ts";
import { formatSigned } from "../../domain/money.ts";
import { simulationMerchant } from "../../domain/simulation.ts";
import type { SourceScope } from "./scope.ts";

type Owner = { id: string; merchantId: string; environment: "production" | "sandbox" };

/** The connections with a balance that does not follow from the one before, and that nothing explains. */
export async function balanceGapCauses(tx: Queryable, { shard, subjects }: SourceScope): Promise<AlertCause[]> {
  const rows = await tx<(Owner & { at: Date; expected: bigint; found: bigint; currency: string })[]>`
    select c.id, c.merchant_id as "merchantId", c.environment, g.at, g.expected, g.found, g.currency
    from connections c
    join merchants m on m.shard = ${shard} and m.id = c.merchant_id and m.name <> ${simulationMerchant}
    cross join lateral (
      select at, expected, found, currency from balance_gaps
      where shard = ${shard} and connection_id = c.id and closed_at is null
      order by at desc limit 1
    ) as g
    where c.shard = ${shard} and c.id = any(${subjects as string[]}::uuid[]) and c.deleted_at is null`;
  return rows.map(({ at, expected, found, currency, ...owner }) =>
    causeOf(
      owner,
      `The balance before the payment of ${at.toISOString()} was ${formatSigned(found, currency)} ${currency}; ` +
        `by the one before it should have been ${formatSigned(expected, currency)}. Money moved that nothing told of.`,
    ),
  );
}

/** The balance `b` is below `settings.low_balance` of `c`: that counts main units of the currency, a balance minor. */
function isLow(sql: Queryable) {
  return sql`c.settings->>'low_balance' is not null and b.amount < (c.settings->>'low_balance')::numeric
    * power(10::numeric, coalesce((${sql.json(currencyDigits)}::jsonb->>b.currency)::int4, 2))`;
}

/** The connections with a low balance, among those named. */
export async function lowBalanceCauses(tx: Queryable, { shard, subjects }: SourceScope): Promise<AlertCause[]> {
  const rows = await tx<(Owner & { at: Date; amount: bigint; currency: string; low: string })[]>`
    select c.id, c.merchant_id as "merchantId", c.environment, b.at, b.amount, b.currency,
      c.settings->>'low_balance' as low
    from connections c
    join merchants m on m.shard = ${shard} and m.id = c.merchant_id and m.name <> ${simulationMerchant}
    cross join lateral (
      select at, amount, currency from balances
      where shard = ${shard} and connection_id = c.id
      order by at desc, learnt_at desc limit 1
    ) as b
    where c.shard = ${shard} and c.id = any(${subjects as string[]}::uuid[]) and c.deleted_at is null and ${isLow(tx)}`;
  return rows.map(({ at, amount, currency, low, ...owner }) =>
    causeOf(
      owner,
      `The balance was ${formatSigned(amount, currency)} ${currency} at ${at.toISOString()}, below ${low}.`,
    ),
  );
}

/** The connections with a balance gap or a low balance, of all shards. */
export async function balanceSubjects(
  sql: Sql,
): Promise<{ shard: number; kind: "balance_gap" | "low_balance"; subject: string }[]> {
  return await sql<{ shard: number; kind: "balance_gap" | "low_balance"; subject: string }[]>`
    select c.shard, 'balance_gap' as kind, c.id::text as subject
    from connections c
    join merchants m on m.shard = c.shard and m.id = c.merchant_id and m.name <> ${simulationMerchant}
    where c.shard = any(${everyShard(sql)}) and c.deleted_at is null
      and exists (
        select 1 from balance_gaps g where g.shard = c.shard and g.connection_id = c.id and g.closed_at is null)
    union all
    select c.shard, 'low_balance', c.id::text
    from connections c
    join merchants m on m.shard = c.shard and m.id = c.merchant_id and m.name <> ${simulationMerchant}
    cross join lateral (
      select amount, currency from balances
      where shard = c.shard and connection_id = c.id
      order by at desc, learnt_at desc limit 1
    ) as b
    where c.shard = any(${everyShard(sql)}) and c.deleted_at is null and ${isLow(sql)}`;
}

function causeOf({ id, merchantId, environment }: Owner, detail: string): AlertCause {
  return { subject: id, merchantId, connectionId: id, endpointId: null, channel: null, environment, detail };
}
