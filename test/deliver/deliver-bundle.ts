import { afterAll, beforeAll, onTestFinished } from "vitest";
import { connectHot, type Sql } from "../../src/database/connect.ts";
import { type Deliver, type DeliverDeps, startDeliver } from "../../src/deliver/deliver.ts";
import type { Event } from "../../src/domain/events.ts";
import { parseRange } from "../../src/egress/address.ts";
import { createEgress, type Egress } from "../../src/egress/client.ts";
import type { EgressRequest, EgressResult } from "../../src/egress/exchange.ts";
import { fanOut } from "../../src/outbox/fan-out.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { silentLog } from "../support/silent-log.ts";
import { silentTelemetry } from "../support/silent-telemetry.ts";
import { testVault } from "../support/test-vault.ts";
import {
  auditKey,
  box,
  type EndpointOptions,
  makeEndpoint,
  makeEvent,
  makeMerchant,
  type TestEndpoint,
} from "./fixtures.ts";
import { type Merchant, ok, type Reply, startMerchant } from "./merchant.ts";

export type WorkerOptions = Partial<DeliverDeps>;

export type DeliveryRow = {
  id: string;
  state: string;
  attempts: number;
  /** In s; null where the delivery is not queued. */
  due_in_s: number | null;
  /** Attempts made in this round of the schedule. */
  round: number | null;
};

/** What the tests of deliver need: a database per file, and per test what its `start` functions start. */
export type DeliverBundle = {
  readonly sql: Sql;
  readonly url: string;
  readonly shard: number;
  /** A merchant's server, closed when the test ends. */
  startMerchant(reply?: Reply): Promise<Merchant>;
  /** An endpoint of a new merchant at that server. */
  addEndpoint(merchant: Merchant, options?: EndpointOptions): Promise<TestEndpoint>;
  /**
   * Deliver as the program starts it, drained when the test ends. The timer of its scan does not fire: a test calls
   * `scan`.
   */
  startWorker(options?: WorkerOptions): Deliver;
  /** A merchant's server, an endpoint at it, and a worker. */
  start(options?: {
    reply?: Reply;
    endpoint?: EndpointOptions;
    worker?: WorkerOptions;
  }): Promise<{ merchant: Merchant; endpoint: TestEndpoint; deliver: Deliver }>;
  /** Commits events and wakes the worker, as settling does. */
  publish(deliver: Deliver | null, events: Event[]): Promise<void>;
  /** The deliveries of an endpoint, in the order of their events. */
  deliveries(endpoint: { id: string }): Promise<DeliveryRow[]>;
  /** The deliveries of an endpoint, once `isReached` says so of them and none is leased. */
  deliveriesUntil(endpoint: { id: string }, isReached: (rows: DeliveryRow[]) => boolean): Promise<DeliveryRow[]>;
  attempts(delivery: { id: string }): Promise<AttemptRow[]>;
  /** Makes the deliveries of an endpoint that wait for a retry due now. */
  makeRetriesDue(endpoint: { id: string }): Promise<void>;
  /** Ends the leases of an endpoint's deliveries. */
  endLeases(endpoint: { id: string }): Promise<void>;
  /** A client with connections of its own, like that of another process. Ended when the test ends. */
  otherClient(): Sql;
};

export type AttemptRow = { attempt: number; status: number | null; error: string | null; answer: string | null };

/** `limits` are those of every worker, where the test does not name them. */
export function deliverBundle(shard: number, limits: WorkerOptions["limits"] = {}): DeliverBundle {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());

  const bundle: DeliverBundle = {
    get sql() {
      return database.sql;
    },
    get url() {
      return database.url;
    },
    shard,
    async startMerchant(reply = ok) {
      const merchant = await startMerchant(reply);
      onTestFinished(() => merchant.close());
      return merchant;
    },
    async addEndpoint(merchant, options) {
      const merchantId = await makeMerchant(database.sql, shard);
      return await makeEndpoint(database.sql, merchantId, { url: merchant.url, ...options });
    },
    startWorker(options = {}) {
      const deliver = startTestDeliver(database.sql, { ...options, limits: { ...limits, ...options.limits } });
      onTestFinished(() => deliver.drain());
      return deliver;
    },
    async start({ reply, endpoint, worker } = {}) {
      const merchant = await bundle.startMerchant(reply);
      return { merchant, endpoint: await bundle.addEndpoint(merchant, endpoint), deliver: bundle.startWorker(worker) };
    },
    publish: (deliver, events) => publish(database.sql, deliver, events),
    deliveries: endpoint => deliveriesOf(database.sql, endpoint.id),
    deliveriesUntil: (endpoint, isReached) => deliveriesUntil(database.sql, endpoint.id, isReached),
    async attempts(delivery) {
      const rows = await database.sql<(AttemptRow & { sealed: Buffer | null })[]>`
        select 1 as attempt, first_status as status, null as error, sealed from deliveries
        where id = ${delivery.id} and first_started_at is not null
        union all
        select attempt, status, error, sealed from delivery_attempts where delivery_id = ${delivery.id}
        order by attempt`;
      const { vault } = database.sql;
      return rows.map(({ sealed, ...row }) => ({
        ...row,
        answer: sealed && vault.open("delivery_attempts", delivery.id, sealed).toString(),
      }));
    },
    async makeRetriesDue(endpoint) {
      await database.sql`update delivery_queue set due_at = now() - interval '1 s'
        where endpoint_id = ${endpoint.id} and lease_id is null`;
    },
    async endLeases(endpoint) {
      await database.sql`update delivery_queue set due_at = now() - interval '1 ms' where endpoint_id = ${endpoint.id}`;
    },
    otherClient() {
      const client = otherClient(database.url);
      onTestFinished(() => client.end());
      return client;
    },
  };
  return bundle;
}

/** An egress that reaches loopback and nothing else. */
export function testEgress(options: Partial<Parameters<typeof createEgress>[0]> = {}): Egress {
  return createEgress({ allow: [parseRange("127.0.0.1/32")!], userAgent: "Hakika/test", ...options });
}

/** Sends through `egress` and calls `onResult` with each result. */
export function observedEgress(
  egress: Egress,
  onResult: (request: EgressRequest, result: EgressResult) => void,
): Pick<Egress, "send"> {
  return {
    async send(request) {
      const result = await egress.send(request);
      onResult(request, result);
      return result;
    },
  };
}

/** Deliver as the program starts it, but without the scan's timer, and without a delay before recording. */
export function startTestDeliver(sql: Sql, options: WorkerOptions = {}): Deliver {
  return startDeliver({
    sql,
    egress: options.egress ?? testEgress(),
    box,
    auditKey,
    log: silentLog,
    telemetry: silentTelemetry,
    now: () => new Date(),
    random: () => 0,
    ...options,
    limits: { scanMs: 3_600_000, recordDelayMs: 0, ...options.limits },
  });
}

export function otherClient(url: string): Sql {
  const vault = testVault();
  return connectHot(url, { applicationName: "hakika test other", max: 6, byKey: true, vault });
}

export async function publish(sql: Sql, deliver: Deliver | null, events: Event[]): Promise<void> {
  const { shard } = events[0]!;
  const endpointIds = await sql.begin(tx => fanOut(tx, shard, events));
  deliver?.wake(shard, endpointIds);
}

/** Events of one merchant, each about no transaction. */
export function eventsOf(merchantId: string, count: number): Event[] {
  return Array.from({ length: count }, () => makeEvent(merchantId));
}

export function allDelivered(rows: { state: string }[]): boolean {
  return rows.every(row => row.state === "delivered");
}

async function deliveriesOf(sql: Sql, endpointId: string): Promise<DeliveryRow[]> {
  return await sql<DeliveryRow[]>`
    select d.id, d.state, d.attempts, extract(epoch from q.due_at - now())::float8 as due_in_s, q.attempts as round
    from deliveries d left join delivery_queue q on q.shard = d.shard and q.delivery_id = d.id
    where d.endpoint_id = ${endpointId} order by d.event_id, d.id`;
}

async function deliveriesUntil(
  sql: Sql,
  endpointId: string,
  isReached: (rows: DeliveryRow[]) => boolean,
): Promise<DeliveryRow[]> {
  for (;;) {
    const rows = await deliveriesOf(sql, endpointId);
    const [leased] =
      await sql`select 1 from delivery_queue where endpoint_id = ${endpointId} and lease_id is not null limit 1`;
    if (!leased && isReached(rows)) return rows;
    await new Promise(resolve => setImmediate(resolve));
  }
}
