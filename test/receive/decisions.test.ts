import { afterAll, beforeAll, expect, test } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, newConnection, request, startTestHakika, testSecretKey } from "../support/hakika.ts";
import { unlockFor } from "../support/stored-personal.ts";

let database: TestDatabase;
let hakika: Running;
let merchantId: string;

beforeAll(async () => {
  database = await testDatabase();
  hakika = await startTestHakika(database.url, { env: { HAKIKA_ROLES: "receiver" } });
  await unlockFor(database.sql, testSecretKey);
  merchantId = (await api(hakika, "POST", "/v1/merchants", { name: "Duka" })).id;
});

afterAll(async () => {
  await hakika.stop();
  await database.drop();
});

const phoneNumber = "+254711330021";
const airtime = { transactionId: "ATVal_1", phoneNumber, currencyCode: "KES", amount: 5 };
const screen = { sessionId: "s1", phoneNumber, serviceCode: "*384*1#", text: "" };

test.for([
  ["daraja", "c2b/validation", { TransID: "TKP4Q7V3A1", TransAmount: "5" }],
  ["daraja", "c2b/validation", { TransID: "" }],
  ["africastalking", "airtime/validation", airtime],
  ["africastalking", "ussd", screen],
  ["kyanda", "ussd", screen],
] as const)(
  "regression: a question on %s %s and its answer are on disk when the answer is sent",
  async ([provider, channel, body]) => {
    const { callback_urls } = await newConnection(hakika, merchantId, { provider });
    const got = await request("POST", callback_urls[channel]!, body);
    const { sql } = database;
    const [kept] = await sql<{ id: string; sealed: Buffer }[]>`
      select id, sealed from callbacks order by received_at desc limit 1`;
    expect(sql.vault.openJson("callbacks", kept!.id, kept!.sealed)).toMatchObject({ body: got.text });
  },
);

/** Well below the 3 s after which a hanging database counts as unavailable. */
const soonMs = 2_000;

test("a question that cannot be stored by its deadline is answered by then, and stored later", async () => {
  const { id, callback_urls } = await newConnection(hakika, merchantId, { provider: "africastalking" });
  const url = callback_urls["airtime/validation"]!;
  await request("POST", url, airtime);
  const ms = await database.sql.begin(async tx => {
    await tx`lock table callbacks in exclusive mode`;
    const startedMs = performance.now();
    const got = await request("POST", url, { ...airtime, transactionId: "ATVal_2" });
    expect(got.text).toBe('{"status":"Failed"}');
    return performance.now() - startedMs;
  });
  expect(ms).toBeLessThan(soonMs);
  const kept = () => api(hakika, "GET", `/v1/callbacks?connection_id=${id}`);
  await expect.poll(async () => (await kept()).data.length).toBe(2);
});
