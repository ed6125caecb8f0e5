import type { Queryable } from "../../database/connect.ts";

/** How many of the requested attempts may start now, and in how many ms the next one may. */
export type RateGrant = { endpointId: string; granted: number; nextInMs: number };

/** What may start at once after a pause, in s of the rate; at least one attempt. */
const burstS = 0.1;

/**
 * Takes attempts from the rate limits of some endpoints of one shard. A generic cell rate algorithm on one column:
 * `paced_until` advances by `1 / rate` for each attempt and may not be ahead of the clock. The column is in the
 * endpoint's row, so all workers together keep the limit. Endpoints without a limit are not in the result.
 */
export async function takeFromRateLimits(
  sql: Queryable,
  shard: number,
  requests: readonly { endpointId: string; requested: number }[],
): Promise<RateGrant[]> {
  return await sql<RateGrant[]>`
    with request as (
      select * from unnest(
        ${requests.map(r => r.endpointId)}::uuid[], ${requests.map(r => r.requested)}::int4[]
      ) as request (id, requested)
    ), locked as materialized (
      -- In the order of ids, so that two claims never wait for each other in a circle.
      select e.id, request.requested, 1.0 / e.rate_limit_per_s as step, clock_timestamp() as at,
        greatest(coalesce(e.paced_until, '-infinity'),
          clock_timestamp() - greatest(${burstS}, 1.0 / e.rate_limit_per_s) * interval '1 s') as from_time
      from endpoints e join request on request.id = e.id
      where e.shard = ${shard} and e.rate_limit_per_s > 0
      order by e.id
      for no key update of e
    ), granted as (
      select id, step, at, from_time,
        greatest(0, least(requested, floor(extract(epoch from at - from_time) / step + 0.001)))::int as granted
      from locked
    )
    update endpoints e set paced_until = g.from_time + g.granted * g.step * interval '1 s'
    from granted g
    where e.shard = ${shard} and e.id = g.id
    returning e.id as "endpointId", g.granted,
      greatest(1, ceil(extract(epoch from g.from_time + (g.granted + 1) * g.step * interval '1 s' - g.at) * 1000))::int
        as "nextInMs"`;
}
