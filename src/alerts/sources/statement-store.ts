import type { Queryable, Sql } from "../../database/connect.ts";
import { everyShard } from "../../database/every-shard.ts";
import type { AlertCause } from "../../domain/alerts.ts";
import { simulationMerchant } from "../../domain/simulation.ts";
import type { SourceScope } from "./scope.ts";

type Row = {
  id: string;
  merchantId: string;
  connectionId: string;
  environment: "production" | "sandbox";
  periodFrom: Date;
  periodTo: Date;
  counts: Record<string, number>;
  addsUp: boolean | null;
};

/** Whether a statement has a gap: the condition of the index `statements_with_gap`. */
function hasGap(sql: Queryable, name: "s" | "later" | "earlier" | "cover") {
  const of = sql(name);
  return sql`${of}.state = 'imported'
    and (${of}.adds_up is false or ${of}.counts ?| array['new', 'missing', 'differs'])`;
}

/**
 * The gap stands: no statement that was uploaded later and has the whole period is without one. Of two statements of
 * one period, the first has the alert.
 */
function stands(sql: Queryable, shard: ReturnType<Queryable>) {
  const covers = (name: "later" | "earlier" | "cover") => sql`${sql(name)}.shard = ${shard}
    and ${sql(name)}.connection_id = s.connection_id and ${sql(name)}.period_from <= s.period_from
    and ${sql(name)}.period_to >= s.period_to`;
  return sql`not exists (
      select 1 from statements later
      where ${covers("later")} and later.id > s.id and later.state = 'imported' and not (${hasGap(sql, "later")}))
    and not exists (
      select 1 from statements earlier
      where ${covers("earlier")} and earlier.id < s.id and ${hasGap(sql, "earlier")}
        and not exists (
          select 1 from statements cover
          where ${covers("cover")} and cover.id > earlier.id and cover.id < s.id and cover.state = 'imported'
            and cover.period_from <= earlier.period_from and cover.period_to >= earlier.period_to
            and not (${hasGap(sql, "cover")})))`;
}

/** The statements whose gap stands, among those named. */
export async function statementGapCauses(tx: Queryable, { shard, subjects }: SourceScope): Promise<AlertCause[]> {
  const rows = await tx<Row[]>`
    select s.id, s.merchant_id as "merchantId", s.connection_id as "connectionId", c.environment,
      s.period_from as "periodFrom", s.period_to as "periodTo", s.counts, s.adds_up as "addsUp"
    from statements s
    join connections c on c.shard = ${shard} and c.id = s.connection_id and c.deleted_at is null
    join merchants m on m.shard = ${shard} and m.id = s.merchant_id and m.name <> ${simulationMerchant}
    where s.shard = ${shard} and s.id = any(${subjects as string[]}::uuid[]) and ${hasGap(tx, "s")}
      and ${stands(tx, tx`${shard}`)}`;
  return rows.map(row => ({
    subject: row.id,
    merchantId: row.merchantId,
    connectionId: row.connectionId,
    endpointId: null,
    channel: null,
    environment: row.environment,
    detail: detailOf(row),
  }));
}

type StatementSubject = { shard: number; kind: "statement_gap"; subject: string };

/** The statements whose gap stands, of all shards. */
export async function statementsWithGap(sql: Sql): Promise<StatementSubject[]> {
  return await sql<StatementSubject[]>`
    select s.shard, 'statement_gap' as kind, s.id::text as subject
    from statements s
    join connections c on c.shard = s.shard and c.id = s.connection_id and c.deleted_at is null
    join merchants m on m.shard = s.shard and m.id = s.merchant_id and m.name <> ${simulationMerchant}
    where s.shard = any(${everyShard(sql)}) and ${hasGap(sql, "s")} and ${stands(sql, sql`s.shard`)}`;
}

const words = {
  new: "new (nothing told of them before)",
  missing: "missing on it",
  differs: "with another amount or status",
} as const;

function detailOf({ periodFrom, periodTo, counts, addsUp }: Row): string {
  const found = Object.entries(words).flatMap(([verdict, what]) =>
    counts[verdict] ? [`${counts[verdict]} ${what}`] : [],
  );
  if (addsUp === false) found.push("its balances and its lines do not add up");
  return `The statement from ${minuteOf(periodFrom)} to ${minuteOf(periodTo)} (UTC): ${found.join(", ")}.`;
}

/** `2026-01-05 08:30` */
const minuteOf = (at: Date) => at.toISOString().slice(0, 16).replace("T", " ");
