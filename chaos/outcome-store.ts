import type { Sql } from "../src/database/connect.ts";
import { publicId } from "../src/domain/ids.ts";
import type { Kept } from "./judge.ts";

/** What the database has, over all shards. `endpoints` names the endpoints by their ids. */
export async function readKept(sql: Sql, endpoints: ReadonlyMap<string, string>): Promise<Kept> {
  const callbacks = await sql<{ id: string }[]>`
    select distinct substring(key from 'ws_CO_[0-9]+_[0-9]+') as id from callbacks`;
  const transactions = await sql<{ id: string; status: string; checkoutId: string }[]>`
    select id, status, provider_refs->>'checkout_request_id' as "checkoutId" from transactions
    where merged_into is null and provider_refs ? 'checkout_request_id'`;
  const events = await sql<{ transactionId: string; sequence: number; type: string; owedTo: string[] }[]>`
    select e.transaction_id as "transactionId", e.sequence, e.type,
      array(select d.endpoint_id::text from deliveries d where d.shard = e.shard and d.event_id = e.id) as "owedTo"
    from events e where e.transaction_id is not null`;
  const [stuck] = await sql<Record<string, number>[]>`
    select (select count(*) from inbox_queue)::int as inbox_queue,
      (select count(*) from delivery_queue)::int as delivery_queue`;
  return {
    callbacks: new Set(callbacks.map(({ id }) => id)),
    transactions: groupedByCheckout(transactions),
    events: events.map(({ transactionId, owedTo, ...event }) => ({
      ...event,
      transactionId: publicId("transaction", transactionId),
      endpoints: owedTo.flatMap(id => endpoints.get(publicId("endpoint", id)) ?? []),
    })),
    stuck: { ...stuck },
  };
}

function groupedByCheckout(rows: { id: string; status: string; checkoutId: string }[]): Kept["transactions"] {
  const grouped = new Map<string, { id: string; status: string }[]>();
  for (const { id, status, checkoutId } of rows) {
    const known = grouped.get(checkoutId) ?? [];
    grouped.set(checkoutId, [...known, { id: publicId("transaction", id), status }]);
  }
  return grouped;
}
