import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ValidationSettings } from "../../src/connections/validation-settings.ts";
import { merchantServer, ok } from "../egress/merchant-server.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { connection, merchant } from "../support/fixtures.ts";
import { answerRoom, kes, register } from "./answer-bundle.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const payment = {
  TransactionType: "Pay Bill",
  TransID: "TKP4Q7V3AB",
  TransTime: "20261120103005",
  TransAmount: "250.00",
  BusinessShortCode: "600984",
  BillRefNumber: " Order-77 ",
  MSISDN: "2547 ***** 126",
  FirstName: "JANE",
};
const accepted = { ResultCode: "0", ResultDesc: "Accepted" };
const rejected = (code: string) => ({ ResultCode: code, ResultDesc: "Rejected" });

async function shop(c2b_validation?: ValidationSettings) {
  const { sql } = database;
  const settings = c2b_validation === undefined ? {} : { c2b_validation };
  const duka = await connection(sql, await merchant(sql), { settings });
  const room = answerRoom(sql);
  const ask = async (more: Record<string, unknown> = {}) => {
    const reply = await room.post(duka, "c2b/validation", { ...payment, ...more });
    return JSON.parse(reply.body) as unknown;
  };
  return { sql, duka, room, ask };
}

describe("a C2B validation", () => {
  test("is accepted where nothing else is set, and becomes no money", async () => {
    const { sql, duka, room, ask } = await shop();
    expect(await ask()).toEqual(accepted);
    await room.store();
    const [callback] = await sql`
      select r.state, c.answer, r.transaction_ids from callbacks c
      join callback_readings r on r.shard = c.shard and r.callback_id = c.id where c.connection_id = ${duka.id}`;
    const answer = { status: 200, body: JSON.stringify(accepted), by: "rule" };
    expect(callback).toMatchObject({ state: "processed", answer, transaction_ids: [] });
    expect(await sql`select from transactions where connection_id = ${duka.id}`).toHaveLength(0);
    expect(await sql`select from inbox_queue where shard = ${duka.shard}`).toHaveLength(0);
  });

  test("that cannot be read gets the fallback and goes to quarantine, JSON or not", async () => {
    const { room, duka } = await shop({ mode: "match", fallback: "reject" });
    for (const body of [{ BillRefNumber: "x" }, "no JSON at all", []]) {
      const reply = await room.post(duka, "c2b/validation", body);
      expect(reply.status).toBe(200);
      expect(JSON.parse(reply.body)).toEqual(rejected("C2B00016"));
    }
    expect(room.kept.map(kept => kept.quarantine?.length)).toEqual([2, 1, 1]);
  });
});

describe("match", () => {
  test("takes the payment of a registered, unfinished reference, however it is typed", async () => {
    const { sql, duka, ask } = await shop({ mode: "match" });
    await register(sql, duka, { kind: "c2b", reference: "ORDER-77", amount: kes(25000n) });
    expect(await ask()).toEqual(accepted);
  });

  test("takes any amount where none is registered", async () => {
    const { sql, duka, ask } = await shop({ mode: "match" });
    await register(sql, duka, { kind: "stk_push", reference: "order-77" });
    expect(await ask({ TransAmount: "3" })).toEqual(accepted);
  });

  test("names the account where it is unknown, and the amount where that is another", async () => {
    const { sql, duka, ask } = await shop({ mode: "match" });
    expect(await ask()).toEqual(rejected("C2B00012"));
    await register(sql, duka, { kind: "c2b", reference: "order-77", amount: kes(25001n) });
    expect(await ask({ TransID: "TKP4Q7V3AC" })).toEqual(rejected("C2B00013"));
    expect(await ask({ TransID: "TKP4Q7V3AD", BillRefNumber: "" })).toEqual(rejected("C2B00012"));
  });

  test("knows neither another connection's orders, nor finished, nor expired ones", async () => {
    const { sql, duka, ask } = await shop({ mode: "match" });
    const other = await connection(sql, { shard: duka.shard, id: duka.merchantId });
    await register(sql, other, { kind: "c2b", reference: "order-77" });
    const done = await register(sql, duka, { kind: "c2b", reference: "order-77" });
    await sql`update transactions set status = 'completed' where id = ${done}`;
    await register(sql, duka, { kind: "stk_push", reference: "order-77", expiresAt: new Date(Date.now() - 60_000) });
    expect(await ask()).toEqual(rejected("C2B00012"));
  });

  test("answers a copy as it answered the first, also in another process", async () => {
    const { sql, duka, room, ask } = await shop({ mode: "match" });
    expect(await ask()).toEqual(rejected("C2B00012"));
    await room.store();
    await register(sql, duka, { kind: "c2b", reference: "order-77" });
    expect(await ask()).toEqual(rejected("C2B00012"));
    const elsewhere = await answerRoom(sql).post(duka, "c2b/validation", payment);
    expect(JSON.parse(elsewhere.body)).toEqual(rejected("C2B00012"));
    expect(await ask({ TransID: "TKP4Q7V3AC" })).toEqual(accepted);
  });
});

describe("forward", () => {
  test("asks the merchant, signed, and does as they say", async () => {
    const said: string[] = [
      '{"accept": true}',
      '{"accept": false, "code": "C2B00013"}',
      '{"accept":false}',
      '{"accept":false,"code":"NO"}',
    ];
    const server = await merchantServer(socket => socket.write(ok(said.shift())));
    const { duka, room, ask } = await shop({ mode: "forward", url: server.url });
    expect(await ask()).toEqual(accepted);
    expect(await ask({ TransID: "TKP4Q7V3AC" })).toEqual(rejected("C2B00013"));
    expect(await ask({ TransID: "TKP4Q7V3AD" })).toEqual(rejected("C2B00016"));
    expect(await ask({ TransID: "TKP4Q7V3AE" })).toEqual(rejected("C2B00016"));
    expect(room.kept.map(kept => kept.answer.by)).toEqual(["merchant", "merchant", "merchant", "merchant"]);

    const [head, body] = server.requests[0]!.split("\r\n\r\n") as [string, string];
    const headers = Object.fromEntries(
      head
        .split("\r\n")
        .slice(1)
        .map(line => line.toLowerCase().split(": ")),
    );
    const [, signature] = /webhook-signature: (.*)/i.exec(head)!;
    // The library judges by the machine's clock, which is none of this test's.
    const signed = new Webhook(duka.forwardSecret).sign(headers["webhook-id"], new Date(room.clock.ms), body);
    expect(signature).toBe(signed);
    expect(headers["webhook-timestamp"]).toBe(String(room.clock.ms / 1000));
    expect(JSON.parse(body)).toMatchObject({
      type: "c2b.validation",
      data: {
        provider: "daraja",
        provider_refs: { receipt: "TKP4Q7V3AB" },
        reference: "Order-77",
        amount: "250.00",
        currency: "KES",
        phone: null,
        party_name: "JANE",
        payload: payment,
      },
    });
  });

  test("asks once about any number of copies", async () => {
    const server = await merchantServer(socket => socket.write(ok('{"accept":false}')));
    const { sql, duka, room, ask } = await shop({ mode: "forward", url: server.url });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask()));
    expect(answers).toEqual(answers.map(() => rejected("C2B00016")));
    await room.store();
    await answerRoom(sql).post(duka, "c2b/validation", payment);
    expect(server.requests).toHaveLength(1);
    expect(room.kept.filter(kept => !kept.repeat)).toHaveLength(1);
  });
});
