import { expect, test } from "vitest";
import { disableEndpoint } from "../../src/deliver/commands/disable.ts";
import { recover } from "../../src/deliver/commands/recover.ts";
import { replay } from "../../src/deliver/commands/replay.ts";
import { sendTest } from "../../src/deliver/commands/send-test.ts";
import { eventBody } from "../../src/domain/events.ts";
import { newUuid, publicId } from "../../src/domain/ids.ts";
import type { Environment } from "../../src/domain/kinds.ts";
import { allDelivered, deliverBundle } from "./deliver-bundle.ts";
import { auditKey, makeEndpoint, makeEvent, makeMerchant } from "./fixtures.ts";

const shard = 21;
const bundle = deliverBundle(shard);
const { publish, deliveriesUntil } = bundle;
const longAgo = new Date("2020-01-01T00:00:00Z");

/** An event as settling makes it: the column and the body name its environment. */
function eventOf(merchantId: string, environment: Environment) {
  const id = newUuid(shard);
  const body = eventBody(id, "payment.completed", new Date(), { environment });
  return makeEvent(merchantId, { id, environment, body });
}

async function deliveredTo(endpointId: string): Promise<string[]> {
  const rows = await bundle.sql<{ event_id: string }[]>`
    select event_id from deliveries where shard = ${shard} and endpoint_id = ${endpointId} order by event_id`;
  return rows.map(row => row.event_id);
}

test("regression: a sandbox payment reaches no production endpoint, and events of other environments are kept", async () => {
  const { sql } = bundle;
  const merchantId = await makeMerchant(sql, shard);
  const [production, sandbox, any] = await Promise.all(
    (["production", "sandbox", "any"] as const).map(environment => makeEndpoint(sql, merchantId, { environment })),
  );
  const [real, played] = [eventOf(merchantId, "production"), eventOf(merchantId, "sandbox")];
  await publish(null, [real, played]);
  expect(await deliveredTo(production!.id)).toEqual([real.id]);
  expect(await deliveredTo(sandbox!.id)).toEqual([played.id]);
  expect(await deliveredTo(any!.id)).toEqual([real.id, played.id].sort());
  expect(await sql`select id from events where merchant_id = ${merchantId}`).toHaveLength(2);
});

test("regression: header and body of an event say which environment it came from, and an endpoint's own headers cannot", async () => {
  const headers = { "hakika-environment": "production" };
  const { merchant, endpoint, deliver } = await bundle.start({ endpoint: { environment: "any", headers } });
  await publish(deliver, [eventOf(endpoint.merchantId, "sandbox"), eventOf(endpoint.merchantId, "production")]);
  await deliveriesUntil(endpoint, rows => rows.length === 2 && allDelivered(rows));
  const said = merchant.received.map(({ headers, body }) => [
    headers["hakika-environment"],
    JSON.parse(body).data.environment,
  ]);
  expect(said.sort()).toEqual([
    ["production", "production"],
    ["sandbox", "sandbox"],
  ]);
});

test("events about an endpoint name its own environment, production where it takes any", async () => {
  const { sql } = bundle;
  for (const [environment, named] of [
    ["sandbox", "sandbox"],
    ["production", "production"],
    ["any", "production"],
  ] as const) {
    const { merchant, endpoint, deliver } = await bundle.start({
      endpoint: { environment, eventTypes: ["endpoint.*"] },
    });
    const disabled = await makeEndpoint(sql, endpoint.merchantId, { environment });
    await sendTest(sql, { ...endpoint, endpointId: endpoint.id, environment }, new Date());
    await disableEndpoint({ sql, auditKey }, shard, disabled.id, "gone");
    deliver.wake(shard, [endpoint.id]);
    await deliveriesUntil(endpoint, rows => rows.length === 2 && allDelivered(rows));
    for (const { headers, body } of merchant.received) {
      const { type, data } = JSON.parse(body);
      expect([type, data.environment, headers["hakika-environment"]]).toEqual([type, named, named]);
    }
  }
});

test("the notice of a disabled endpoint goes to the others, whatever their environment", async () => {
  const { sql } = bundle;
  const merchantId = await makeMerchant(sql, shard);
  const disabled = await makeEndpoint(sql, merchantId, { environment: "sandbox" });
  const other = await makeEndpoint(sql, merchantId, { environment: "production" });
  expect(await disableEndpoint({ sql, auditKey }, shard, disabled.id, "gone")).toEqual([other.id]);
});

test("a replay sends the events of the endpoint's environment only", async () => {
  const { sql } = bundle;
  for (const environment of ["production", "sandbox", "any"] as const) {
    const merchantId = await makeMerchant(sql, shard);
    const events = [eventOf(merchantId, "production"), eventOf(merchantId, "sandbox")];
    await publish(null, events);
    const endpoint = await makeEndpoint(sql, merchantId, { environment });
    const request = { ...endpoint, endpointId: endpoint.id, environment, eventTypes: ["*"] };
    await replay(sql, { ...request, createdAfter: longAgo, createdBefore: null }, new Date());
    const taken = events.filter(event => environment === "any" || event.environment === environment);
    expect(await deliveredTo(endpoint.id), environment).toEqual(taken.map(({ id }) => id).sort());
  }
});

test("recovering leaves what failed of an environment that the endpoint takes no more", async () => {
  const { sql } = bundle;
  const merchantId = await makeMerchant(sql, shard);
  const endpoint = await makeEndpoint(sql, merchantId, { environment: "any", enabled: false });
  const [real, played] = [eventOf(merchantId, "production"), eventOf(merchantId, "sandbox")];
  const notice = makeEvent(merchantId, { type: "endpoint.disabled" });
  await publish(null, [real, played, notice]);
  await sql`update endpoints set enabled = true, environment = 'production' where id = ${endpoint.id}`;
  expect(await recover(sql, shard, endpoint.id, longAgo)).toBe(2);
  const rows = await sql<{ event_id: string; state: string }[]>`
    select event_id, state from deliveries where endpoint_id = ${endpoint.id}`;
  const stateOf = Object.fromEntries(rows.map(row => [row.event_id, row.state]));
  expect([real, played, notice].map(({ id }) => stateOf[id])).toEqual(["pending", "failed", "pending"]);
  await sql`update endpoints set environment = 'any' where id = ${endpoint.id}`;
  expect(await recover(sql, shard, endpoint.id, longAgo)).toBe(1);
});

test("an event from before, which names no environment, is sent without the header", async () => {
  const { merchant, endpoint, deliver } = await bundle.start();
  const event = makeEvent(endpoint.merchantId, { type: "chat.message_received" });
  await publish(deliver, [event]);
  const [request] = await merchant.until(1);
  expect(request!.id).toBe(publicId("event", event.id));
  expect(request!.headers).not.toHaveProperty("hakika-environment");
});
