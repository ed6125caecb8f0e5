import { connectHot, type Sql } from "../../src/database/connect.ts";
import { type Deliver, type DeliverDeps, startDeliver } from "../../src/deliver/deliver.ts";
import type { Event } from "../../src/domain/events.ts";
import { parseRange } from "../../src/egress/address.ts";
import { createEgress, type Egress } from "../../src/egress/client.ts";
import type { EgressRequest, EgressResult } from "../../src/egress/exchange.ts";
import { fanOut } from "../../src/outbox/fan-out.ts";
import { silentLog } from "../support/silent-log.ts";
import { silentTelemetry } from "../support/silent-telemetry.ts";
import { box } from "./fixtures.ts";

export const loopback = [parseRange("127.0.0.1/32")!];

export function testEgress(options: Partial<Parameters<typeof createEgress>[0]> = {}): Egress {
  return createEgress({ allow: loopback, userAgent: "Hakika/test", ...options });
}

/** Delivering as the program does it, without the timer that looks for what is due: tests say when. */
export function startRoom(sql: Sql, options: Partial<DeliverDeps> = {}): Deliver {
  return startDeliver({
    sql,
    egress: options.egress ?? testEgress(),
    box,
    log: silentLog,
    telemetry: silentTelemetry,
    now: () => new Date(),
    random: () => 0,
    ...options,
    limits: { scanMs: 3_600_000, recordDelayMs: 0, ...options.limits },
  });
}

/** Commits events and wakes, as settling does. */
export async function tell(sql: Sql, deliver: Deliver | null, events: Event[]): Promise<void> {
  const shard = events[0]!.shard;
  const endpointIds = await sql.begin(tx => fanOut(tx, shard, events));
  deliver?.wake(shard, endpointIds);
}

/** Another connection pool: a second process, as far as the database can tell. */
export function otherProcess(url: string): Sql {
  return connectHot(url, { applicationName: "hakika test other", max: 6, byKey: true });
}

export type DeliveryRow = {
  id: string;
  state: string;
  attempts: number;
  due_in_s: number | null;
  round: number | null;
};

/** Deliveries of an endpoint in the order of their events. */
export async function deliveriesOf(sql: Sql, endpointId: string): Promise<DeliveryRow[]> {
  return await sql<DeliveryRow[]>`
    select d.id, d.state, d.attempts, extract(epoch from q.due_at - now())::float8 as due_in_s, q.attempts as round
    from deliveries d left join delivery_queue q on q.shard = d.shard and q.delivery_id = d.id
    where d.endpoint_id = ${endpointId} order by d.event_id, d.id`;
}

export async function attemptsOf(sql: Sql, deliveryId: string) {
  return await sql<{ attempt: number; status: number | null; error: string | null; answer: string | null }[]>`
    select attempt, status, error, answer from delivery_attempts where delivery_id = ${deliveryId} order by attempt`;
}

/** Resolves once every delivery of the endpoint is in one of the states and nothing of it is leased. */
export async function settled(
  sql: Sql,
  endpointId: string,
  check: (rows: DeliveryRow[]) => boolean,
): Promise<DeliveryRow[]> {
  for (;;) {
    const rows = await deliveriesOf(sql, endpointId);
    const [leased] =
      await sql`select 1 from delivery_queue where endpoint_id = ${endpointId} and lease_id is not null limit 1`;
    if (!leased && check(rows)) return rows;
    await new Promise(resolve => setImmediate(resolve));
  }
}

/** Makes what waits for a retry due now: the clock moved on. */
export async function timePasses(sql: Sql, endpointId: string): Promise<void> {
  await sql`update delivery_queue set due_at = now() - interval '1 s' where endpoint_id = ${endpointId} and lease_id is null`;
}

/** Sends through `egress`, and tells of each answer. */
export function watched(
  egress: Egress,
  seen: (request: EgressRequest, result: EgressResult) => void,
): Pick<Egress, "send"> {
  return {
    async send(request) {
      const result = await egress.send(request);
      seen(request, result);
      return result;
    },
  };
}
