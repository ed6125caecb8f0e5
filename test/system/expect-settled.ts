import { expect } from "vitest";
import type { Sql } from "../../src/database/connect.ts";
import type { Shop } from "../support/hakika.ts";

/** Waits until the queues are empty, and checks that no sequence has a gap. */
export async function expectAtRest(sql: Sql, timeout = 20_000): Promise<void> {
  const queues = async () => {
    const [row] = await sql<{ inbox: number; deliveries: number }[]>`
      select (select count(*) from inbox_queue)::int as inbox,
        (select count(*) from delivery_queue)::int as deliveries`;
    return { ...row };
  };
  await expect.poll(queues, { timeout }).toEqual({ inbox: 0, deliveries: 0 });
  const gaps = await sql`
    select transaction_id from events where transaction_id is not null
    group by shard, transaction_id having max(sequence) <> count(*) or min(sequence) <> 1`;
  expect([...gaps]).toEqual([]);
}

/**
 * Checks that each id is one completed transaction with one event, that every signature was right, and that no event
 * was sent with another body.
 */
export async function expectSettledOnce(
  sql: Sql,
  shop: Shop,
  checkoutIds: Iterable<string>,
  timeout?: number,
): Promise<void> {
  const wanted = [...new Set(checkoutIds)].sort();
  const completed = () => {
    const events = [...shop.merchant.events.values()].filter(event => event.type === "payment.completed");
    return events.map(event => event.data.transaction.provider_refs.checkout_request_id as string);
  };
  await shop.merchant.until(() => new Set(completed()).size >= wanted.length);
  await expectAtRest(sql, timeout);
  expect(completed().sort()).toEqual(wanted);
  expect(shop.merchant.wrongs).toEqual([]);
  const rows = await sql<{ id: string; status: string }[]>`
    select provider_refs->>'checkout_request_id' as id, status from transactions
    where merged_into is null and provider_refs->>'checkout_request_id' = any(${wanted}) order by 1`;
  expect(rows.map(row => ({ ...row }))).toEqual(wanted.map(id => ({ id, status: "completed" })));
}
