import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sql } from "../../src/database/connect.ts";
import type { Deliver } from "../../src/deliver/deliver.ts";
import { type Event, eventBody } from "../../src/domain/events.ts";
import { newUuid, publicId } from "../../src/domain/ids.ts";
import type { EgressRequest, EgressResult } from "../../src/egress/exchange.ts";
import { deliverBundle, otherClient, startTestDeliver } from "./deliver-bundle.ts";
import { makeEndpoint, makeMerchant } from "./fixtures.ts";

const shard = 17;
const bundle = deliverBundle(shard);
let client: Sql;
const retryScheduleS = [5, 5, 5];

beforeAll(() => {
  client = otherClient(bundle.url);
});
afterAll(() => client.end());

type Step =
  | { do: "publish"; transaction: number; events: number }
  | { do: "answer"; which: number; status: number | null }
  | { do: "scan"; worker: number }
  | { do: "make due" }
  | { do: "crash"; worker: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("publish" as const),
      transaction: fc.nat(2),
      events: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      which: fc.nat(20),
      status: fc.constantFrom(200, 200, 200, 500, 302, null),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("scan" as const), worker: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.constant({ do: "make due" as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const), worker: fc.nat(1) }) },
);

type Sent = { url: string; id: string; body: string; answer: (status: number | null) => void };

type Worker = { deliver: Deliver; crash(): void; stop(): Promise<void> };

/** A worker process whose requests are answered when the test says so. */
function startWorker(sql: Sql, onSend: (sent: Sent) => void): Worker {
  let isDead = false;
  const send = (request: EgressRequest) =>
    new Promise<EgressResult>(resolve => {
      const answer = (status: number | null) =>
        resolve(
          status === null
            ? { kind: "network", code: "ECONNRESET", reason: "the server broke the connection", latencyMs: 1 }
            : { kind: "answer", status, headers: {}, body: Buffer.alloc(0), truncated: false, latencyMs: 1 },
        );
      const { url, headers, body } = request;
      if (!isDead) onSend({ url, id: headers["webhook-id"]!, body: String(body), answer });
    });
  // After a crash the process sends nothing more to the database. What it sent before takes effect.
  const crashable = new Proxy(sql, {
    apply: (target, self, args) => (isDead ? Promise.reject(new Error("dead")) : Reflect.apply(target, self, args)),
  });
  const deliver = startTestDeliver(crashable, { egress: { send } });
  return {
    deliver,
    crash() {
      isDead = true;
    },
    stop: deliver.drain,
  };
}

/** Waits until statements that were just started have probably come back from the database. */
async function settleDown(sql: Sql): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise(resolve => setImmediate(resolve));
    await sql`select 1`;
  }
}

test("whatever crashes, answers late or fails: each event is sent at least once and in order, and each attempt is recorded", {
  timeout: 120_000,
}, async () => {
  const { sql } = bundle;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async steps => {
      const merchantId = await makeMerchant(sql, shard);
      const urls = ["https://one.example/", "https://two.example/"];
      const endpoints = await Promise.all(
        urls.map(url => makeEndpoint(sql, merchantId, { url, retryScheduleS, eventTypes: ["payment.*"] })),
      );
      const transactions = [0, 1, 2].map(() => ({ id: newUuid(shard), sequence: 0 }));
      const published: Event[] = [];
      const log: { url: string; id: string; body: string }[] = [];
      const open: Sent[] = [];
      const onSend = (sent: Sent) => {
        log.push(sent);
        open.push(sent);
      };
      const workers = [startWorker(client, onSend), startWorker(client, onSend)];
      const endpointIds = endpoints.map(e => e.id);
      const makeDue = () =>
        sql`
          with free as (
            select delivery_id from delivery_queue where endpoint_id = any(${endpointIds}::uuid[]) for update skip locked
          )
          update delivery_queue q set due_at = now() - interval '1 s' from free where q.delivery_id = free.delivery_id`;

      async function run(todo: Step): Promise<void> {
        switch (todo.do) {
          case "publish": {
            const transaction = transactions[todo.transaction]!;
            const events = Array.from({ length: todo.events }, () => {
              const id = newUuid(shard);
              const type = "payment.processing";
              transaction.sequence += 1;
              const { sequence } = transaction;
              const body = eventBody(id, type, new Date(), { sequence });
              return { shard, id, merchantId, type, transactionId: transaction.id, sequence, environment: null, body };
            });
            published.push(...events);
            return await bundle.publish(workers[todo.transaction % 2]!.deliver, events);
          }
          case "answer":
            return open.splice(todo.which % Math.max(open.length, 1), 1)[0]?.answer(todo.status);
          case "scan":
            return await workers[todo.worker]!.deliver.scan();
          case "make due":
            return void (await makeDue());
          case "crash": {
            const dead = workers[todo.worker]!;
            workers[todo.worker] = startWorker(client, onSend);
            return dead.crash();
          }
        }
      }

      for (const todo of steps) {
        await run(todo);
        await settleDown(sql);
      }
      // The faults stop: all requests are answered and leases end, until the queue is empty.
      const left = () => sql`select 1 from delivery_queue where endpoint_id = any(${endpointIds}::uuid[]) limit 1`;
      while ((await left()).length > 0) {
        for (const sent of open.splice(0)) sent.answer(200);
        await settleDown(sql);
        if (open.length > 0) continue;
        await makeDue();
        await workers[0]!.deliver.scan();
        await settleDown(sql);
      }
      for (const sent of open.splice(0)) sent.answer(200);
      await Promise.all(workers.map(worker => worker.stop()));

      const bodies = new Map(published.map(event => [publicId("event", event.id), event.body]));
      for (const sent of log) expect(sent.body).toBe(bodies.get(sent.id));
      for (const [at, endpoint] of endpoints.entries()) {
        const order = [...new Set(log.filter(sent => sent.url === urls[at]).map(sent => sent.id))];
        expect(new Set(order)).toEqual(new Set(bodies.keys()));
        for (const transaction of transactions) {
          const own = published
            .filter(event => event.transactionId === transaction.id)
            .map(event => publicId("event", event.id));
          expect(order.filter(id => own.includes(id))).toEqual(own);
        }
        await expectRecords(sql, endpoint.id);
      }
    }),
    { numRuns: 30 },
  );
});

/** Every delivery is finished and its attempts are numbered without gaps; a failed one used up its schedule. */
async function expectRecords(sql: Sql, endpointId: string): Promise<void> {
  const rows = await sql<{ state: string; attempts: number; numbers: number[]; oks: number }[]>`
    select d.state, d.attempts, array_agg(a.attempt::int order by a.attempt) as numbers,
      count(*) filter (where a.status between 200 and 299)::int as oks
    from deliveries d left join lateral (
      select 1 as attempt, d.first_status as status where d.first_started_at is not null
      union all select attempt, status from delivery_attempts where shard = d.shard and delivery_id = d.id
    ) a on true
    where d.shard = ${shard} and d.endpoint_id = ${endpointId}
    group by d.id, d.state, d.attempts`;
  for (const { state, attempts, numbers, oks } of rows) {
    expect(numbers).toEqual(Array.from({ length: attempts }, (_, at) => at + 1));
    if (state === "failed") expect([attempts, oks]).toEqual([retryScheduleS.length + 1, 0]);
    else expect([state, oks]).toEqual(["delivered", 1]);
  }
}
