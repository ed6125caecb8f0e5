import { describe, expect, test } from "vitest";
import { endByGateway } from "../../src/answer/ussd/end-by-gateway.ts";
import { endSilentSessions } from "../../src/answer/ussd/end-silent-sessions.ts";
import { findSession, listSessions } from "../../src/answer/ussd/sessions-store.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { ussdSessionJson } from "../../src/domain/ussd-session.ts";
import { fanOut } from "../../src/outbox/fan-out.ts";
import { providers } from "../../src/providers/registry.ts";
import { readCallback } from "../../src/settle/inbox/read.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { endpoint } from "../support/fixtures.ts";
import { settleDeps } from "../support/settling.ts";
import { eventBodiesOf } from "../support/stored-personal.ts";
import { answerBundle, testReceiver } from "./answer-bundle.ts";
import { exampleMenu } from "./example-menu.ts";

const bundle = answerBundle();

/** The end of session S1 as its gateway reports it. */
const gatewayReport = {
  session_id: "S1",
  phone: "+254711330021",
  service_code: "*384*71#",
  network_code: "63902",
  status: "Incomplete",
  cost: "KES 0.1000",
  duration_ms: 9000,
};

/** A connection with the example menu, and an endpoint that takes USSD events. */
async function open() {
  const setup = await bundle.open("africastalking", { ussd: { mode: "menu", menu: exampleMenu } });
  const { sql, owner, connection, receiver } = setup;
  await endpoint(sql, owner, { eventTypes: ["ussd.*"] });
  return {
    ...setup,
    async dial(text: string, sessionId = "S1") {
      const body = { sessionId, phoneNumber: "+254711330021", networkCode: "63902", serviceCode: "*384*71#", text };
      return (await receiver.post(connection, "ussd", body)).body;
    },
    reportEnd: (payload: unknown = gatewayReport) =>
      sql.begin(async tx => {
        const events = await endByGateway(tx, connection.shard, [{ connection, payload }]);
        await fanOut(tx, connection.shard, events);
      }),
    endSilent: () => endSilentSessions({ sql, wake: () => {} }),
    /** Makes the last hop of each session 181 s old. */
    backdate: () => sql`
      update ussd_sessions set last_hop_at = now() - interval '181 seconds' where connection_id = ${connection.id}`,
    async events() {
      const bodies = await eventBodiesOf(sql, connection.merchantId);
      // biome-ignore lint/suspicious/noExplicitAny: the tests read what they expect there.
      return bodies.map(({ type, data }) => ({ type, ...data }) as { type: string; [name: string]: any });
    },
  };
}

describe("a USSD session", () => {
  test("that ends with an END makes one event, with its hops, for the endpoints that take it", async () => {
    const { sql, connection, receiver, dial, events } = await open();
    await dial("");
    await dial("2");
    await dial("2");
    await receiver.store();
    const [event, ...rest] = await events();
    expect(rest).toEqual([]);
    expect(event).toMatchObject({
      type: "ussd.session_ended",
      environment: connection.environment,
      session: {
        id: expect.stringMatching(/^ses_/),
        provider: "africastalking",
        session_id: "S1",
        phone: "+254711330021",
        service_code: "*384*71#",
        network_code: "63902",
        state: "ended",
        ended_by: "answer",
        hops: [
          { hop: 1, input: "", answer: `CON ${exampleMenu.text}`, answered_by: "menu" },
          { hop: 2, input: "2", answer: expect.stringMatching(/^END /), answered_by: "menu" },
        ],
      },
    });
    expect(await sql`select from deliveries where merchant_id = ${connection.merchantId}`).toHaveLength(1);
  });

  test("that its gateway ends makes one event, with the gateway's report", async () => {
    const { receiver, dial, reportEnd, events } = await open();
    await dial("");
    await receiver.store();
    await reportEnd();
    await reportEnd();
    const all = await events();
    expect(all).toHaveLength(1);
    expect(all[0]!.session).toMatchObject({
      ended_by: "gateway",
      gateway: { status: "Incomplete", cost: "KES 0.1000", duration_ms: 9000 },
      hops: [{ hop: 1 }],
    });
  });

  test("without a stored hop makes an event when its gateway ends it", async () => {
    const { reportEnd, events } = await open();
    await reportEnd();
    expect((await events())[0]!.session).toMatchObject({
      session_id: "S1",
      phone: "+254711330021",
      hops: [],
    });
  });

  test("that has ended already makes no second event, but the gateway's report is stored", async () => {
    const { sql, connection, receiver, dial, reportEnd, events } = await open();
    await dial("2");
    await receiver.store();
    await reportEnd({ ...gatewayReport, status: "Success" });
    expect(await events()).toHaveLength(1);
    const [session] = await sql`select gateway, ended_by from ussd_sessions where connection_id = ${connection.id}`;
    expect(session).toMatchObject({ ended_by: "answer", gateway: { status: "Success" } });
  });

  test("without a hop for 180 s ends; one that goes on does not", async () => {
    const { receiver, dial, endSilent, backdate, events } = await open();
    await dial("");
    await receiver.store();
    await backdate();
    await dial("", "S2");
    await endSilent();
    const all = await events();
    expect(all.map(event => [event.session.session_id, event.session.ended_by])).toEqual([["S1", "silence"]]);
    await backdate();
    await dial("1", "S2");
    expect(await endSilent()).toBe(0);
  });

  test("ends once, however many processes end it at once", async () => {
    const { receiver, dial, reportEnd, endSilent, backdate, events } = await open();
    await dial("");
    await receiver.store();
    await backdate();
    await Promise.all([dial("2").then(receiver.store), reportEnd(), endSilent(), endSilent()]);
    expect(await events()).toHaveLength(1);
  });

  test("that is over repeats its answers, and answers END to a new hop", async () => {
    const { sql, connection, receiver, dial, endSilent, backdate, events } = await open();
    const first = await dial("");
    await receiver.store();
    await backdate();
    await endSilent();
    const elsewhere = testReceiver(sql);
    const body = { sessionId: "S1", phoneNumber: "+254711330021", text: "" };
    expect((await elsewhere.post(connection, "ussd", body)).body).toBe(first);
    expect((await elsewhere.post(connection, "ussd", { ...body, text: "1" })).body).toMatch(/^END /);
    expect(await events()).toHaveLength(1);
  });
});

test("a gateway's end event ends the session in the batch that settles it, and one event shows the session", async () => {
  const { sql, connection, receiver, dial, events } = await open();
  await dial("");
  await receiver.store();
  const form =
    "sessionId=S1&serviceCode=*384*71%23&phoneNumber=%2B254711330021&status=Incomplete&durationInMillis=9000";
  const claimed = {
    id: newUuid(connection.shard),
    connectionId: connection.id,
    provider: connection.provider,
    channel: "ussd/events",
    receivedAt: new Date(),
    strength: "hint" as const,
    isUnverified: false,
    method: "POST" as const,
    query: "",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from(form),
    readBefore: 0,
    key: "key",
  };
  const item = readCallback(claimed, newUuid(0), connection, providers.get(connection.provider));
  const again = { ...item, callback: null };
  const result = await settleBatch(settleDeps(sql), connection.shard, [again, again]);
  expect(result.wake).toHaveLength(1);
  const all = await events();
  expect(all).toHaveLength(1);
  expect(all[0]).toMatchObject({
    type: "ussd.session_ended",
    session: { session_id: "S1", gateway: { duration_ms: 9000, status: "Incomplete" }, hops: [{ hop: 1 }] },
  });
});

describe("listed sessions", () => {
  test("come newest first, page by page, only to their merchant, and equal to those of the events", async () => {
    const { sql, connection, receiver, dial, events } = await open();
    for (const session of ["S1", "S2", "S3"]) {
      await dial("", session);
      await dial("2", session);
    }
    await receiver.store();
    const mine = { shard: connection.shard, merchantId: connection.merchantId, connectionId: null };
    const page = await listSessions(sql, { ...mine, before: null, count: 2 });
    expect(page.map(session => session.sessionId)).toEqual(["S3", "S2"]);
    const next = await listSessions(sql, { ...mine, before: page[1]!.id, count: 2 });
    expect(next.map(session => session.sessionId)).toEqual(["S1"]);
    expect(await listSessions(sql, { ...mine, merchantId: connection.id, before: null, count: 2 })).toEqual([]);
    expect(await listSessions(sql, { ...mine, connectionId: connection.id, before: null, count: 9 })).toHaveLength(3);

    const found = await findSession(sql, { shard: connection.shard, id: page[0]!.id, merchantId: null });
    expect(found!.hops.map(hop => hop.hop)).toEqual([1, 2]);
    const last = (await events()).find(event => event.session.session_id === "S3");
    expect(ussdSessionJson(found!)).toEqual(last!.session);
    expect(await findSession(sql, { shard: connection.shard, id: page[0]!.id, merchantId: connection.id })).toBeNull();
  });
});
