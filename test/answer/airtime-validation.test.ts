import { describe, expect, test } from "vitest";
import type { Connection } from "../../src/connections/connection.ts";
import type { ValidationSettings } from "../../src/connections/validation-settings.ts";
import { merchantServer, ok } from "../egress/merchant-server.ts";
import { connection as newConnection } from "../support/fixtures.ts";
import { answerBundle, kes, register, type TestReceiver, testReceiver } from "./answer-bundle.ts";

const bundle = answerBundle();

const phone = "+254711330021";
const body = { transactionId: "ATVal_1", phoneNumber: phone, currencyCode: "KES", amount: "500.00" };

async function open(settings?: ValidationSettings) {
  const setup = await bundle.open("africastalking", settings && { airtime_validation: settings });
  const { receiver, connection } = setup;
  return { ...setup, ask: (more?: Record<string, unknown>) => validate(receiver, connection, more) };
}

async function validate(
  receiver: TestReceiver,
  connection: Connection,
  more: Record<string, unknown> = {},
): Promise<string> {
  const reply = await receiver.post(connection, "airtime/validation", { ...body, ...more });
  return (JSON.parse(reply.body) as { status: string }).status;
}

const airtime = { kind: "airtime", phone, amount: kes(50000n) } as const;

describe("an airtime validation", () => {
  test("fails by default where nothing is registered", async () => {
    const { ask, receiver } = await open();
    expect(await ask()).toBe("Failed");
    expect(receiver.decisions[0]!.answer.by).toBe("rule");
  });

  for (const amount of [500, "500.00", "500.0", "500", "500.0000"]) {
    test(`is validated where it is registered, with the amount written as ${JSON.stringify(amount)}`, async () => {
      const { sql, connection, ask } = await open();
      await register(sql, connection, airtime);
      expect(await ask({ amount })).toBe("Validated");
    });
  }

  test("fails for another phone, amount, currency or connection", async () => {
    const { sql, owner, connection, ask, receiver } = await open();
    await register(sql, connection, airtime);
    const other = await newConnection(sql, owner, { provider: "africastalking" });
    expect(await ask({ transactionId: "1", phoneNumber: "+254711330022" })).toBe("Failed");
    expect(await ask({ transactionId: "2", amount: "500.01" })).toBe("Failed");
    expect(await ask({ transactionId: "3", currencyCode: "UGX", amount: "50000" })).toBe("Failed");
    expect(await ask({ transactionId: "4", phoneNumber: "masked" })).toBe("Failed");
    expect(await validate(receiver, other, { transactionId: "5" })).toBe("Failed");
    expect(await ask({ transactionId: "6" })).toBe("Validated");
  });

  test("fails for a registration that is finished or expired, or has no phone or no amount", async () => {
    const { sql, connection, ask } = await open();
    const done = await register(sql, connection, airtime);
    await sql`update transactions set status = 'failed' where id = ${done}`;
    await register(sql, connection, { ...airtime, expiresAt: new Date(Date.now() - 60_000) });
    await register(sql, connection, { kind: "airtime", phone, reference: "no amount" });
    await register(sql, connection, { kind: "airtime", amount: kes(50000n), reference: "no phone" });
    expect(await ask()).toBe("Failed");
  });

  test("uses each registration once, and answers its copies as it answered the first", async () => {
    const { sql, connection, ask, receiver } = await open();
    await register(sql, connection, { ...airtime, reference: "a" });
    expect(await ask()).toBe("Validated");
    expect(await ask({ transactionId: "ATVal_2" })).toBe("Failed");
    expect(await ask()).toBe("Validated");
    // In another process, before any answer is stored; and with the amount written differently.
    const elsewhere = testReceiver(sql);
    expect(await validate(elsewhere, connection)).toBe("Validated");
    expect(await validate(elsewhere, connection, { amount: 500 })).toBe("Validated");
    expect(await validate(elsewhere, connection, { amount: 501 })).toBe("Failed");
    await receiver.store();
    await register(sql, connection, { ...airtime, reference: "b" });
    expect(await validate(elsewhere, connection, { transactionId: "ATVal_2" })).toBe("Failed");
    expect(await ask({ transactionId: "ATVal_3" })).toBe("Validated");
  });

  test("of many at once, in two processes, exactly as many are validated as are registered", async () => {
    const { sql, connection, receiver } = await open();
    for (const reference of ["a", "b", "c"]) await register(sql, connection, { ...airtime, reference });
    const receivers = [receiver, testReceiver(sql)];
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, at) =>
        validate(receivers[at % 2]!, connection, { transactionId: `ATVal_${at >> 1}` }),
      ),
    );
    const questions = Array.from({ length: 12 }, (_, at) => answers.slice(2 * at, 2 * at + 2));
    expect(questions.filter(copies => copies.includes("Validated"))).toHaveLength(3);
    for (const copies of questions) expect(copies[0]).toBe(copies[1]);
  });

  test("without its fields is refused with the fields' names, and goes into quarantine", async () => {
    const { connection, receiver } = await open({ mode: "accept" });
    const reply = await receiver.post(connection, "airtime/validation", "phoneNumber=%2B254711330021");
    expect(reply.status).toBe(400);
    const { errors } = JSON.parse(reply.body) as { errors: { path: string }[] };
    expect(errors.map(error => error.path)).toEqual(["transactionId", "currencyCode", "amount"]);
    expect(receiver.decisions[0]!.quarantine).toHaveLength(3);
  });

  test("is decided by the merchant where the settings say so", async () => {
    const server = await merchantServer(socket => socket.write(ok('{"accept":true}')));
    const { ask } = await open({ mode: "forward", url: server.url });
    expect(await ask()).toBe("Validated");
    expect(JSON.parse(server.requests[0]!.split("\r\n\r\n")[1]!)).toMatchObject({
      type: "airtime.validation",
      data: { provider_refs: { transaction_id: "ATVal_1" }, phone, amount: "500.00", currency: "KES" },
    });
  });
});
