import { afterAll, beforeAll, expect, test } from "vitest";
import type { Deadlines } from "../../src/answer/deadlines.ts";
import type { Connection } from "../../src/connections/connection.ts";
import { connectHot, type Sql } from "../../src/database/connect.ts";
import { migrate } from "../../src/database/migrate.ts";
import { connection, merchant } from "../support/fixtures.ts";
import { type OwnPostgres, ownPostgres } from "../support/own-postgres.ts";
import { eventBodiesOf } from "../support/stored-personal.ts";
import { testVault } from "../support/test-vault.ts";
import { kes, register, type TestReceiver, testReceiver } from "./answer-bundle.ts";
import { exampleMenu } from "./example-menu.ts";

let postgres: OwnPostgres;
let sql: Sql;
beforeAll(async () => {
  postgres = await ownPostgres();
  await migrate(postgres.url);
  sql = connectHot(postgres.url, { applicationName: "hakika test", max: 4, vault: testVault() });
});
afterAll(async () => {
  await sql.end({ timeout: 5 });
  await postgres.remove();
});

/** Short enough that only a deadline over the whole decision keeps it, long enough for a database that works. */
const deadline = { totalMs: 2000, lookUpMs: 1000, earlierAnswerMs: 500, merchantMs: 1000 };
const deadlines: Deadlines = {
  "c2b.validation": deadline,
  "airtime.validation": deadline,
  "ussd.input": deadline,
};

const settings = {
  c2b_validation: { mode: "match", fallback: "reject" },
  airtime_validation: { mode: "match" },
  ussd: { mode: "menu", menu: exampleMenu, fallback: "END Try later." },
} as const;

async function openConnections() {
  const owner = await merchant(sql);
  const [daraja, africastalking] = await Promise.all([
    connection(sql, owner, { settings }),
    connection(sql, owner, { provider: "africastalking", settings }),
  ]);
  await register(sql, daraja, { kind: "c2b", reference: "order-77" });
  await register(sql, africastalking, { kind: "airtime", phone: "+254711330021", amount: kes(500n) });
  return { daraja, africastalking };
}

async function askAll(receiver: TestReceiver, on: { daraja: Connection; africastalking: Connection }, mark: string) {
  const { daraja, africastalking } = on;
  const phoneNumber = "+254711330021";
  const airtime = { transactionId: mark, phoneNumber, currencyCode: "KES", amount: 5 };
  const replies = await Promise.all([
    receiver.post(daraja, "c2b/validation", { TransID: mark, TransAmount: "5", BillRefNumber: "order-77" }),
    receiver.post(africastalking, "airtime/validation", airtime),
    receiver.post(africastalking, "ussd", { sessionId: mark, phoneNumber, text: "" }),
  ]);
  return replies.map(reply => reply.body);
}

const fallbacks = [
  JSON.stringify({ ResultCode: "C2B00016", ResultDesc: "Rejected" }),
  JSON.stringify({ status: "Failed" }),
  "END Try later.",
];

test("while the database is stopped every question is answered, and the answers are stored once it runs again", async () => {
  const on = await openConnections();
  const receiver = testReceiver(sql, { deadlines });
  await postgres.stop();
  expect(await askAll(receiver, on, "AAA")).toEqual(fallbacks);
  expect(receiver.decisions.map(decision => decision.answer.by)).toEqual(["fallback", "fallback", "fallback"]);

  await postgres.start();
  await expect
    .poll(() => receiver.store().then(() => endedSessions(on.africastalking)), { timeout: 20_000 })
    .toEqual(["AAA"]);
  // Copies get the same answers, also in another process.
  expect(await askAll(testReceiver(sql, { deadlines }), on, "AAA")).toEqual(fallbacks);
  const [c2b, airtime, ussd] = await askAll(receiver, on, "BBB");
  expect([c2b, airtime]).toEqual([expect.stringContaining("Accepted"), '{"status":"Validated"}']);
  expect(ussd).toMatch(/^CON What would/);
});

test("while the database hangs every question is answered, and a registration claimed too late is released", async () => {
  const on = await openConnections();
  const receiver = testReceiver(sql, {
    deadlines: { ...deadlines, "airtime.validation": { ...deadline, lookUpMs: 100 } },
  });
  await sql.begin(async tx => {
    await tx`lock table transactions, ussd_sessions in access exclusive mode`;
    expect(await askAll(receiver, on, "CCC")).toEqual(fallbacks);
  });
  let tries = 0;
  await expect.poll(async () => (await askAll(receiver, on, `D${tries++}`))[1]).toBe('{"status":"Validated"}');
});

async function endedSessions(duka: Connection): Promise<string[]> {
  return (await eventBodiesOf(sql, duka.merchantId)).map(({ data }) => data.session.session_id);
}
