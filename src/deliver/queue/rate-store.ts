import type { Queryable } from "../../database/connect.ts";

/** How many may be sent now of those wished for, and when the next may. */
export type Grant = { endpointId: string; granted: number; nextInMs: number };

/** What may be sent at once after a pause, in s of the rate; one request at least. */
const burstS = 0.1;

/**
 * Takes from the rate limits of some endpoints of one shard. A generic cell rate algorithm on one column: `paced_until` moves on by
 * `1 / rate` for each request, and may not run ahead of the clock. In the endpoint's row, so that the limit is the endpoint's and
 * not each worker's. Those without a limit are left out of the answer.
 */
export async function takeFromRate(
  sql: Queryable,
  shard: number,
  wishes: readonly { endpointId: string; wished: number }[],
): Promise<Grant[]> {
  return await sql<Grant[]>`
    with wish as (
      select * from unnest(${wishes.map(w => w.endpointId)}::uuid[], ${wishes.map(w => w.wished)}::int4[]) as wish (id, wished)
    ), held as materialized (
      select e.id, wish.wished, 1.0 / e.rate_limit_per_s as step, clock_timestamp() as at,
        greatest(coalesce(e.paced_until, '-infinity'),
          clock_timestamp() - greatest(${burstS}, 1.0 / e.rate_limit_per_s) * interval '1 s') as from_time
      from endpoints e join wish on wish.id = e.id
      where e.shard = ${shard} and e.rate_limit_per_s > 0
      order by e.id
      for no key update of e
    ), judged as (
      select id, step, at, from_time,
        greatest(0, least(wished, floor(extract(epoch from at - from_time) / step + 0.001)))::int as granted
      from held
    )
    update endpoints e set paced_until = j.from_time + j.granted * j.step * interval '1 s'
    from judged j
    where e.shard = ${shard} and e.id = j.id
    returning e.id as "endpointId", j.granted,
      greatest(1, ceil(extract(epoch from j.from_time + (j.granted + 1) * j.step * interval '1 s' - j.at) * 1000))::int as "nextInMs"`;
}
