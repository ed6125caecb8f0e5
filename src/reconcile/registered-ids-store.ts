import type { Sql } from "../database/connect.ts";

/**
 * Keeps the ids that a provider gave to registered callback URLs, beside those of earlier registrations. `updated_at`
 * stays: the connection's own settings did not change.
 */
export async function keepRegisteredIds(
  sql: Sql,
  shard: number,
  connectionId: string,
  ids: Readonly<Record<string, string>>,
): Promise<void> {
  await sql`
    update connections set registered_ids = registered_ids || ${JSON.stringify(ids)}::text::jsonb
    where shard = ${shard} and id = ${connectionId}`;
}
