import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endByGateway } from "../../src/answer/ussd/end-by-gateway.ts";
import { sweepSessions } from "../../src/answer/ussd/end-silent-sessions.ts";
import { findSession, listSessions } from "../../src/answer/ussd/sessions-store.ts";
import type { Connection } from "../../src/connections/connection.ts";
import { newUuid } from "../../src/domain/ids.ts";
import { ussdSessionJson } from "../../src/domain/ussd-session.ts";
import { fanOut } from "../../src/outbox/fan-out.ts";
import { providers } from "../../src/providers/registry.ts";
import { readCallback } from "../../src/settle/inbox/read.ts";
import { settleBatch } from "../../src/settle/settle.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { connection, endpoint, merchant } from "../support/fixtures.ts";
import { settleDeps } from "../support/settling.ts";
import { answerRoom } from "./answer-bundle.ts";
import { exampleMenu } from "./example-menu.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

async function shop() {
  const { sql } = database;
  const owner = await merchant(sql);
  await endpoint(sql, owner, { eventTypes: ["ussd.*"] });
  const settings = { ussd: { mode: "menu", menu: exampleMenu } } as const;
  const duka = await connection(sql, owner, { provider: "africastalking", settings });
  const room = answerRoom(sql);
  const dial = async (text: string, sessionId = "S1") => {
    const body = { sessionId, phoneNumber: "+254711330021", networkCode: "63902", serviceCode: "*384*71#", text };
    return (await room.post(duka, "ussd", body)).body;
  };
  const silent = () => sql`
    update ussd_sessions set last_hop_at = now() - interval '181 seconds' where connection_id = ${duka.id}`;
  return { sql, duka, room, dial, silent };
}

const told = {
  session_id: "S1",
  phone: "+254711330021",
  service_code: "*384*71#",
  network_code: "63902",
  status: "Incomplete",
  cost: "KES 0.1000",
  duration_ms: 9000,
};

function gatewaySays(duka: Connection, payload: unknown = told): Promise<unknown> {
  return database.sql.begin(async tx =>
    fanOut(tx, duka.shard, await endByGateway(tx, duka.shard, [{ connection: duka, payload }])),
  );
}

async function events(duka: Connection) {
  const rows = await database.sql<{ type: string; body: string }[]>`
    select type, body from events where merchant_id = ${duka.merchantId} order by id`;
  return rows.map(({ type, body }) => ({ type, session: JSON.parse(body).data.session }));
}

describe("a USSD session", () => {
  test("that ends with an END is told once, with its hops, to the endpoints that take it", async () => {
    const { sql, duka, room, dial } = await shop();
    await dial("");
    await dial("2");
    await dial("2");
    await room.store();
    const [event, ...rest] = await events(duka);
    expect(rest).toEqual([]);
    expect(event).toMatchObject({
      type: "ussd.session_ended",
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
    expect(await sql`select from deliveries where merchant_id = ${duka.merchantId}`).toHaveLength(1);
  });

  test("that its gateway ends is told once, with what the gateway says of it", async () => {
    const { duka, room, dial } = await shop();
    await dial("");
    await room.store();
    await gatewaySays(duka);
    await gatewaySays(duka);
    const all = await events(duka);
    expect(all).toHaveLength(1);
    expect(all[0]!.session).toMatchObject({
      ended_by: "gateway",
      gateway: { status: "Incomplete", cost: "KES 0.1000", duration_ms: 9000 },
      hops: [{ hop: 1 }],
    });
  });

  test("that nobody heard of is told when its gateway ends it", async () => {
    const { duka } = await shop();
    await gatewaySays(duka);
    expect((await events(duka))[0]!.session).toMatchObject({ session_id: "S1", phone: "+254711330021", hops: [] });
  });

  test("that has ended already is not told again by its gateway, which is kept", async () => {
    const { sql, duka, room, dial } = await shop();
    await dial("2");
    await room.store();
    await gatewaySays(duka, { ...told, status: "Success" });
    expect(await events(duka)).toHaveLength(1);
    const [session] = await sql`select gateway, ended_by from ussd_sessions where connection_id = ${duka.id}`;
    expect(session).toMatchObject({ ended_by: "answer", gateway: { status: "Success" } });
  });

  test("in which nobody typed for 180 s is over; one that goes on is not", async () => {
    const { sql, duka, room, dial, silent } = await shop();
    await dial("");
    await room.store();
    await silent();
    await dial("", "S2");
    await sweepSessions({ sql, fanOut });
    const all = await events(duka);
    expect(all.map(event => [event.session.session_id, event.session.ended_by])).toEqual([["S1", "silence"]]);
    await silent();
    await dial("1", "S2");
    expect(await sweepSessions({ sql, fanOut })).toBe(0);
  });

  test("is ended by one, however many try at once", async () => {
    const { sql, duka, room, dial, silent } = await shop();
    await dial("");
    await room.store();
    await silent();
    await Promise.all([
      dial("2").then(room.store),
      gatewaySays(duka),
      sweepSessions({ sql, fanOut }),
      sweepSessions({ sql, fanOut }),
    ]);
    expect(await events(duka)).toHaveLength(1);
  });

  test("that is over gives its old answers again, and an END to anything new", async () => {
    const { sql, duka, room, dial, silent } = await shop();
    const first = await dial("");
    await room.store();
    await silent();
    await sweepSessions({ sql, fanOut });
    const elsewhere = answerRoom(sql);
    const body = { sessionId: "S1", phoneNumber: "+254711330021", text: "" };
    expect((await elsewhere.post(duka, "ussd", body)).body).toBe(first);
    expect((await elsewhere.post(duka, "ussd", { ...body, text: "1" })).body).toMatch(/^END /);
    expect(await events(duka)).toHaveLength(1);
  });
});

test("a gateway's end event ends the session in the batch that settles it, and is told as the session", async () => {
  const { sql, duka, room, dial } = await shop();
  await dial("");
  await room.store();
  const form =
    "sessionId=S1&serviceCode=*384*71%23&phoneNumber=%2B254711330021&status=Incomplete&durationInMillis=9000";
  const claimed = {
    id: newUuid(duka.shard),
    connectionId: duka.id,
    provider: duka.provider,
    channel: "ussd/events",
    receivedAt: new Date(),
    strength: "hint" as const,
    isUnverified: false,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from(form),
    readBefore: 0,
  };
  const item = readCallback(claimed, newUuid(0), duka, providers.get(duka.provider));
  const again = { ...item, callback: null };
  const result = await settleBatch(settleDeps(sql), duka.shard, [again, again]);
  expect(result.wake).toHaveLength(1);
  const all = await events(duka);
  expect(all).toHaveLength(1);
  expect(all[0]).toMatchObject({
    type: "ussd.session_ended",
    session: { session_id: "S1", gateway: { duration_ms: 9000, status: "Incomplete" }, hops: [{ hop: 1 }] },
  });
});

describe("listed sessions", () => {
  test("come newest first, page by page, only to those they belong to, and as the event tells them", async () => {
    const { sql, duka, room, dial } = await shop();
    for (const session of ["S1", "S2", "S3"]) {
      await dial("", session);
      await dial("2", session);
    }
    await room.store();
    const mine = { shard: duka.shard, merchantId: duka.merchantId, connectionId: null };
    const page = await listSessions(sql, { ...mine, before: null, count: 2 });
    expect(page.map(session => session.sessionId)).toEqual(["S3", "S2"]);
    const next = await listSessions(sql, { ...mine, before: page[1]!.id, count: 2 });
    expect(next.map(session => session.sessionId)).toEqual(["S1"]);
    expect(await listSessions(sql, { ...mine, merchantId: duka.id, before: null, count: 2 })).toEqual([]);
    expect(await listSessions(sql, { ...mine, connectionId: duka.id, before: null, count: 9 })).toHaveLength(3);

    const found = await findSession(sql, { shard: duka.shard, id: page[0]!.id, merchantId: null });
    expect(found!.hops.map(hop => hop.hop)).toEqual([1, 2]);
    const last = (await events(duka)).find(event => event.session.session_id === "S3");
    expect(ussdSessionJson(found!)).toEqual(last!.session);
    expect(await findSession(sql, { shard: duka.shard, id: page[0]!.id, merchantId: duka.id })).toBeNull();
  });
});
