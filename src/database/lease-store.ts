import type { Sql } from "./connect.ts";
import { everyShard } from "./every-shard.ts";
import { leaseIdsOf } from "./lease-ids.ts";

/** Every table whose rows are leased, with the column that says until when. */
const leasedUntil = {
  inbox_queue: "due_at",
  delivery_queue: "due_at",
  poll_queue: "due_at",
  pull_cursors: "due_at",
  starts: "due_at",
  access_tokens: "leased_until",
  named_access_tokens: "leased_until",
  alert_messages: "due_at",
  statements: "due_at",
  relays: "due_at",
} as const;

/** Ends the leases of a process that ended: what it had leased is due at once. Nothing else of a row changes. */
export async function endLeases(sql: Sql, processId: string): Promise<void> {
  const { first, last } = leaseIdsOf(processId);
  await Promise.all(
    Object.entries(leasedUntil).map(
      ([table, until]) => sql`
        update ${sql(table)} set ${sql(until)} = date_trunc('milliseconds', now())
        where shard = any(${everyShard(sql)}) and ${sql(until)} > now() and lease_id between ${first} and ${last}`,
    ),
  );
}
