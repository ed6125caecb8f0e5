import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import type { ValidationSettings } from "../../src/connections/validation-settings.ts";
import { merchantServer, ok } from "../egress/merchant-server.ts";
import { connection as newConnection } from "../support/fixtures.ts";
import { answerBundle, kes, register, testReceiver } from "./answer-bundle.ts";

const bundle = answerBundle();

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

async function open(settings?: ValidationSettings) {
  const setup = await bundle.open("daraja", settings && { c2b_validation: settings });
  const ask = async (more: Record<string, unknown> = {}) => {
    const reply = await setup.receiver.post(setup.connection, "c2b/validation", { ...payment, ...more });
    return JSON.parse(reply.body) as unknown;
  };
  return { ...setup, ask };
}

describe("a C2B validation", () => {
  test("is accepted without settings, and makes no transaction", async () => {
    const { sql, connection, receiver, ask } = await open();
    expect(await ask()).toEqual(accepted);
    await receiver.store();
    const [callback] = await sql`
      select c.id, r.state, c.sealed, r.transaction_ids from callbacks c
      join callback_readings r on r.shard = c.shard and r.callback_id = c.id where c.connection_id = ${connection.id}`;
    const answer = { status: 200, body: JSON.stringify(accepted), by: "rule" };
    expect(callback).toMatchObject({ state: "processed", transaction_ids: [] });
    expect(sql.vault.openJson("callbacks", callback!.id, callback!.sealed)).toMatchObject(answer);
    expect(await sql`select from transactions where connection_id = ${connection.id}`).toHaveLength(0);
    expect(await sql`select from inbox_queue where shard = ${connection.shard}`).toHaveLength(0);
  });

  test("that cannot be read gets the fallback and goes into quarantine, JSON or not", async () => {
    const { receiver, connection } = await open({ mode: "match", fallback: "reject" });
    for (const body of [{ BillRefNumber: "x" }, "no JSON at all", []]) {
      const reply = await receiver.post(connection, "c2b/validation", body);
      expect(reply.status).toBe(200);
      expect(JSON.parse(reply.body)).toEqual(rejected("C2B00016"));
    }
    expect(receiver.decisions.map(decision => decision.quarantine?.length)).toEqual([2, 1, 1]);
  });
});

describe("the mode match", () => {
  test("accepts a payment under a registered, unfinished reference, in any letter case and with spaces", async () => {
    const { sql, connection, ask } = await open({ mode: "match" });
    await register(sql, connection, { kind: "c2b", reference: "ORDER-77", amount: kes(25000n) });
    expect(await ask()).toEqual(accepted);
  });

  test("accepts any amount where the registration has none", async () => {
    const { sql, connection, ask } = await open({ mode: "match" });
    await register(sql, connection, { kind: "stk_push", reference: "order-77" });
    expect(await ask({ TransAmount: "3" })).toEqual(accepted);
  });

  test("rejects an unknown reference with C2B00012, and another amount with C2B00013", async () => {
    const { sql, connection, ask } = await open({ mode: "match" });
    expect(await ask()).toEqual(rejected("C2B00012"));
    await register(sql, connection, { kind: "c2b", reference: "order-77", amount: kes(25001n) });
    expect(await ask({ TransID: "TKP4Q7V3AC" })).toEqual(rejected("C2B00013"));
    expect(await ask({ TransID: "TKP4Q7V3AD", BillRefNumber: "" })).toEqual(rejected("C2B00012"));
  });

  test("ignores registrations of another connection, and those that are finished or expired", async () => {
    const { sql, owner, connection, ask } = await open({ mode: "match" });
    const other = await newConnection(sql, owner);
    await register(sql, other, { kind: "c2b", reference: "order-77" });
    const done = await register(sql, connection, { kind: "c2b", reference: "order-77" });
    await sql`update transactions set status = 'completed' where id = ${done}`;
    await register(sql, connection, {
      kind: "stk_push",
      reference: "order-77",
      expiresAt: new Date(Date.now() - 60_000),
    });
    expect(await ask()).toEqual(rejected("C2B00012"));
  });

  test("answers a copy as it answered the first, also in another process", async () => {
    const { sql, connection, receiver, ask } = await open({ mode: "match" });
    expect(await ask()).toEqual(rejected("C2B00012"));
    await receiver.store();
    await register(sql, connection, { kind: "c2b", reference: "order-77" });
    expect(await ask()).toEqual(rejected("C2B00012"));
    const elsewhere = await testReceiver(sql).post(connection, "c2b/validation", payment);
    expect(JSON.parse(elsewhere.body)).toEqual(rejected("C2B00012"));
    expect(await ask({ TransID: "TKP4Q7V3AC" })).toEqual(accepted);
  });
});

describe("the mode forward", () => {
  test("sends the merchant a signed question, and passes the verdict on", async () => {
    const said: string[] = [
      '{"accept": true}',
      '{"accept": false, "code": "C2B00013"}',
      '{"accept":false}',
      '{"accept":false,"code":"NO"}',
    ];
    const server = await merchantServer(socket => socket.write(ok(said.shift())));
    const { connection, receiver, ask } = await open({ mode: "forward", url: server.url });
    expect(await ask()).toEqual(accepted);
    expect(await ask({ TransID: "TKP4Q7V3AC" })).toEqual(rejected("C2B00013"));
    expect(await ask({ TransID: "TKP4Q7V3AD" })).toEqual(rejected("C2B00016"));
    expect(await ask({ TransID: "TKP4Q7V3AE" })).toEqual(rejected("C2B00016"));
    expect(receiver.decisions.map(decision => decision.answer.by)).toEqual([
      "merchant",
      "merchant",
      "merchant",
      "merchant",
    ]);

    const [head, body] = server.requests[0]!.split("\r\n\r\n") as [string, string];
    const headers = Object.fromEntries(
      head
        .split("\r\n")
        .slice(1)
        .map(line => line.toLowerCase().split(": ")),
    );
    const [, signature] = /webhook-signature: (.*)/i.exec(head)!;
    // The library verifies by the machine's clock; this test has a clock of its own, so it signs again.
    const signed = new Webhook(connection.forwardSecret).sign(headers["webhook-id"], new Date(receiver.clock.ms), body);
    expect(signature).toBe(signed);
    expect(headers["hakika-environment"]).toBe(connection.environment);
    expect(headers["webhook-timestamp"]).toBe(String(receiver.clock.ms / 1000));
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
    const { sql, connection, receiver, ask } = await open({ mode: "forward", url: server.url });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask()));
    expect(answers).toEqual(answers.map(() => rejected("C2B00016")));
    await receiver.store();
    await testReceiver(sql).post(connection, "c2b/validation", payment);
    expect(server.requests).toHaveLength(1);
    expect(receiver.decisions.filter(decision => !decision.isCopy)).toHaveLength(1);
  });
});
