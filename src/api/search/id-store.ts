import { and, desc, eq, gte, lte, type SQL, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { alertChannels, alerts } from "../../database/schema/alerts.ts";
import { audit } from "../../database/schema/audit.ts";
import { deliveries } from "../../database/schema/deliveries.ts";
import { callbacks } from "../../database/schema/inbox.ts";
import { apiKeys, connections, endpoints, merchants } from "../../database/schema/merchants.ts";
import { approvals, operators } from "../../database/schema/people.ts";
import { events } from "../../database/schema/transactions.ts";
import { ussdSessions } from "../../database/schema/ussd.ts";
import type { IdKind } from "../../domain/ids.ts";
import type { Hit, HitType, SearchScope } from "./hit.ts";
import { idRangeOf } from "./id-range.ts";
import { transactionHits } from "./text-store.ts";

/** Ids with one beginning, read at most, those of other merchants included. */
const idsReadMax = 1_000;

type Searched = {
  type: HitType;
  table: PgTable & { shard: PgColumn; id: PgColumn };
  /** The owner's column; null where only the admin and operators see the rows. */
  merchant: PgColumn | null;
  /** What the row is called, as an expression. Never a secret or personal data. */
  title: SQL | PgColumn;
};

/** The tables whose rows have ids of their own, by the kind of id. Transactions have more to show. */
const searched: Partial<Record<IdKind, Searched>> = {
  merchant: { type: "merchant", table: merchants, merchant: merchants.id, title: merchants.name },
  apiKey: { type: "api_key", table: apiKeys, merchant: apiKeys.merchantId, title: apiKeys.name },
  connection: {
    type: "connection",
    table: connections,
    merchant: connections.merchantId,
    title: sql`${connections.name} || ' (' || ${connections.provider} || ', ' || ${connections.environment} || ')'`,
  },
  endpoint: { type: "endpoint", table: endpoints, merchant: endpoints.merchantId, title: endpoints.url },
  callback: {
    type: "callback",
    table: callbacks,
    merchant: callbacks.merchantId,
    title: sql`${callbacks.provider} || ' ' || ${callbacks.channel}`,
  },
  event: { type: "event", table: events, merchant: events.merchantId, title: events.type },
  delivery: { type: "delivery", table: deliveries, merchant: deliveries.merchantId, title: deliveries.state },
  session: {
    type: "ussd_session",
    table: ussdSessions,
    merchant: ussdSessions.merchantId,
    title: sql`${ussdSessions.provider} || ' ' || ${ussdSessions.state}`,
  },
  operator: { type: "operator", table: operators, merchant: null, title: operators.name },
  approval: { type: "approval", table: approvals, merchant: approvals.merchantId, title: approvals.summary },
  alert: {
    type: "alert",
    table: alerts,
    merchant: alerts.merchantId,
    title: sql`${alerts.kind} || case when ${alerts.closedAt} is null then ' open' else ' closed' end`,
  },
  alertChannel: {
    type: "alert_channel",
    table: alertChannels,
    merchant: alertChannels.merchantId,
    title: alertChannels.kind,
  },
  audit: { type: "audit", table: audit, merchant: audit.merchantId, title: audit.action },
};

/** What has this id, or ids that begin so. */
export async function idHits(scope: SearchScope, q: string): Promise<Hit[]> {
  const range = idRangeOf(q);
  if (range === null) return [];
  const { kind, isExact, first, last } = range;
  const { db, shard, merchantId, count } = scope;
  if (kind === "transaction") {
    const ids = sql`
      select id as transaction_id from transactions
      where shard = ${scope.shard} and id between ${first} and ${last} order by id desc limit ${idsReadMax}`;
    return transactionHits(scope, ids, "id", isExact);
  }
  const found = searched[kind];
  if (!found || (found.merchant === null && merchantId !== null)) return [];
  const { type, table, merchant, title } = found;
  const rows = await db
    .select({ id: table.id, merchantId: merchant ?? sql<null>`null`, title: sql<string>`${title}` })
    .from(table as PgTable)
    .where(
      and(
        eq(table.shard, shard),
        gte(table.id, first),
        lte(table.id, last),
        merchantId === null || merchant === null ? undefined : eq(merchant, merchantId),
      ),
    )
    .orderBy(desc(table.id))
    .limit(count);
  return rows.map(row => ({
    ...{ kind, type, isExact, title: row.title, matched: "id" as const },
    uuid: row.id as string,
    merchantId: (row.merchantId as string | null) ?? null,
  }));
}
