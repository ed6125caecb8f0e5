import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Connection } from "../../src/connections/connection.ts";
import type { ValidationSettings } from "../../src/connections/validation-settings.ts";
import { merchantServer, ok } from "../egress/merchant-server.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { connection, merchant } from "../support/fixtures.ts";
import { answerRoom, kes, register, type TestRoom } from "./answer-bundle.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const phone = "+254711330021";
const asked = { transactionId: "ATVal_1", phoneNumber: phone, currencyCode: "KES", amount: "500.00" };

async function shop(airtime_validation?: ValidationSettings) {
  const { sql } = database;
  const settings = airtime_validation === undefined ? {} : { airtime_validation };
  const duka = await connection(sql, await merchant(sql), { provider: "africastalking", settings });
  const room = answerRoom(sql);
  return { sql, duka, room, ask: (more?: Record<string, unknown>) => validate(room, duka, more) };
}

async function validate(room: TestRoom, duka: Connection, more: Record<string, unknown> = {}): Promise<string> {
  const reply = await room.post(duka, "airtime/validation", { ...asked, ...more });
  return (JSON.parse(reply.body) as { status: string }).status;
}

const airtime = { kind: "airtime", phone, amount: kes(50000n) } as const;

describe("an airtime validation", () => {
  test("fails where nothing is registered: the door is closed by default", async () => {
    const { ask, room } = await shop();
    expect(await ask()).toBe("Failed");
    expect(room.kept[0]!.answer.by).toBe("rule");
  });

  for (const amount of [500, "500.00", "500.0", "500", "500.0000"]) {
    test(`is validated for what is registered, the amount written as ${JSON.stringify(amount)}`, async () => {
      const { sql, duka, ask } = await shop();
      await register(sql, duka, airtime);
      expect(await ask({ amount })).toBe("Validated");
    });
  }

  test("fails for another phone, amount, currency or connection", async () => {
    const { sql, duka, ask, room } = await shop();
    await register(sql, duka, airtime);
    const other = await connection(sql, { shard: duka.shard, id: duka.merchantId }, { provider: "africastalking" });
    expect(await ask({ transactionId: "1", phoneNumber: "+254711330022" })).toBe("Failed");
    expect(await ask({ transactionId: "2", amount: "500.01" })).toBe("Failed");
    expect(await ask({ transactionId: "3", currencyCode: "UGX", amount: "50000" })).toBe("Failed");
    expect(await ask({ transactionId: "4", phoneNumber: "masked" })).toBe("Failed");
    expect(await validate(room, other, { transactionId: "5" })).toBe("Failed");
    expect(await ask({ transactionId: "6" })).toBe("Validated");
  });

  test("fails for what is finished, has expired, or was registered without phone or amount", async () => {
    const { sql, duka, ask } = await shop();
    const done = await register(sql, duka, airtime);
    await sql`update transactions set status = 'failed' where id = ${done}`;
    await register(sql, duka, { ...airtime, expiresAt: new Date(Date.now() - 60_000) });
    await register(sql, duka, { kind: "airtime", phone, reference: "no amount" });
    await register(sql, duka, { kind: "airtime", amount: kes(50000n), reference: "no phone" });
    expect(await ask()).toBe("Failed");
  });

  test("uses each registration once, and answers its copies as it answered the first", async () => {
    const { sql, duka, ask, room } = await shop();
    await register(sql, duka, { ...airtime, reference: "a" });
    expect(await ask()).toBe("Validated");
    expect(await ask({ transactionId: "ATVal_2" })).toBe("Failed");
    expect(await ask()).toBe("Validated");
    // Another process, before anything of the answers is kept, and one that writes the amount otherwise.
    const elsewhere = answerRoom(sql);
    expect(await validate(elsewhere, duka)).toBe("Validated");
    expect(await validate(elsewhere, duka, { amount: 500 })).toBe("Validated");
    expect(await validate(elsewhere, duka, { amount: 501 })).toBe("Failed");
    await room.store();
    await register(sql, duka, { ...airtime, reference: "b" });
    expect(await validate(elsewhere, duka, { transactionId: "ATVal_2" })).toBe("Failed");
    expect(await ask({ transactionId: "ATVal_3" })).toBe("Validated");
  });

  test("of many at once, in two processes, as many are validated as are registered", async () => {
    const { sql, duka, room } = await shop();
    for (const reference of ["a", "b", "c"]) await register(sql, duka, { ...airtime, reference });
    const rooms = [room, answerRoom(sql)];
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, at) => validate(rooms[at % 2]!, duka, { transactionId: `ATVal_${at >> 1}` })),
    );
    const questions = Array.from({ length: 12 }, (_, at) => answers.slice(2 * at, 2 * at + 2));
    expect(questions.filter(copies => copies.includes("Validated"))).toHaveLength(3);
    for (const copies of questions) expect(copies[0]).toBe(copies[1]);
  });

  test("without its fields is refused with their names, and kept in quarantine", async () => {
    const { duka, room } = await shop({ mode: "accept" });
    const reply = await room.post(duka, "airtime/validation", "phoneNumber=%2B254711330021");
    expect(reply.status).toBe(400);
    const { errors } = JSON.parse(reply.body) as { errors: { path: string }[] };
    expect(errors.map(error => error.path)).toEqual(["transactionId", "currencyCode", "amount"]);
    expect(room.kept[0]!.quarantine).toHaveLength(3);
  });

  test("is the merchant's to decide where the connection says so", async () => {
    const server = await merchantServer(socket => socket.write(ok('{"accept":true}')));
    const { ask } = await shop({ mode: "forward", url: server.url });
    expect(await ask()).toBe("Validated");
    expect(JSON.parse(server.requests[0]!.split("\r\n\r\n")[1]!)).toMatchObject({
      type: "airtime.validation",
      data: { provider_refs: { transaction_id: "ATVal_1" }, phone, amount: "500.00", currency: "KES" },
    });
  });
});
