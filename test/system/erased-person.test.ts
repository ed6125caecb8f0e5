import { afterAll, beforeAll, expect, test } from "vitest";
import { makeLogger } from "../../src/app/log.ts";
import type { Running } from "../../src/app/running.ts";
import { checkAudit } from "../../src/cli/doctor/check-audit.ts";
import { checkQueues } from "../../src/cli/doctor/check-queues.ts";
import { checkInvariants } from "../../src/cli/doctor/invariants.ts";
import { makeSecretBox } from "../../src/database/encryption.ts";
import { parseSecretKeys } from "../../src/database/secret-keys.ts";
import { receiptOf, stkPaid, stkRegistration } from "../support/bodies.ts";
import { newDataFolder } from "../support/data-folder.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import {
  adminKey,
  type Json,
  api as json,
  newConnection,
  openShop,
  request,
  type Shop,
  startTestHakika,
  testSecretKey,
} from "../support/hakika.ts";
import { dump, filesBelow, tracesOf } from "../support/person-traces.ts";
import { unlockFor } from "../support/stored-personal.ts";
import { expectAtRest } from "./expect-settled.ts";

const phone = "+254712000345";
const typed = "0712000345";
const names = ["WANGARI", "ODERO"];
const dataFolder = newDataFolder();
const lines: string[] = [];

let database: TestDatabase;
let hakika: Running;
let shop: Shop;

beforeAll(async () => {
  database = await testDatabase();
  const log = makeLogger({ level: "trace", destination: { write: line => void lines.push(line) } });
  hakika = await startTestHakika(database.url, { log, env: { HAKIKA_DATA_DIR: dataFolder } });
  await unlockFor(database.sql, testSecretKey);
  shop = await openShop(hakika);
  // The merchant's server repeats what it was sent.
  shop.merchant.answer = body => body;
});
afterAll(async () => {
  await hakika.stop();
  await shop.merchant.close();
  await database.drop();
});

const api = (method: string, path: string, body?: unknown): Promise<Json> => json(hakika, method, path, body);

function expectNoTrace(text: string, where: string): void {
  const found = tracesOf({ phone, names }).filter(each => text.includes(each));
  expect(found, where).toEqual([]);
}

const confirmation = (receipt: string, more: Record<string, unknown> = {}) => ({
  TransactionType: "Pay Bill",
  TransID: receipt,
  TransTime: "20251018233026",
  TransAmount: "50.00",
  BusinessShortCode: "600638",
  BillRefNumber: "rent",
  MSISDN: phone.slice(1),
  FirstName: names[0],
  LastName: names[1],
  ...more,
});

/** Texts that people type are readable until they are erased: a payer's reference, an operator's note. */
async function typeTexts(): Promise<string> {
  const { merchantId } = shop;
  const guarded = await newConnection(hakika, merchantId, { settings: { approve_above: "1.00" } });
  await request(
    "POST",
    guarded.callback_urls["c2b/confirmation"]!,
    confirmation(receiptOf(913), { BillRefNumber: typed }),
  );
  const started = { ...stkRegistration(guarded.id, "ws_CO_noted"), phone: typed, reference: `rent ${typed}` };
  const { id } = await api("POST", "/v1/transactions", started);
  await api("POST", "/v1/transactions", { ...started, amend: true, reference: `arrears ${typed}` });
  const { key } = await api("POST", `/v1/merchants/${merchantId}/api-keys`, { name: "till" });
  const asked = { status: "completed", note: `Paid from ${typed}` };
  const url = `${hakika.url}/v1/transactions/${id}/resolve`;
  const { approval } = (await request("POST", url, asked, { authorization: `Bearer ${key}` })).json;
  expect(await api("POST", `/v1/approvals/${approval.id}/approve`)).toMatchObject({ state: "approved" });
  return id;
}

/** Sends callbacks while no callback can be stored, and returns what lies in the spool meanwhile. */
async function spooled(send: () => Promise<unknown>): Promise<string> {
  return database.sql.begin(async tx => {
    await tx`lock table callbacks in exclusive mode`;
    await send();
    // What waits for the lock was given up, and must not be written after it.
    await tx`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    return filesBelow(dataFolder);
  });
}

test("an erased person leaves no trace in the database, the spool and the log, and doctor is satisfied", async () => {
  const { sql } = database;
  const { connection, merchantId } = shop;
  const urls = connection.callback_urls;

  const registration = { ...stkRegistration(connection.id, "ws_CO_erased"), phone: typed, metadata: { names } };
  const headers = { authorization: `Bearer ${adminKey}`, "idempotency-key": "once" };
  await request("POST", `${hakika.url}/v1/transactions`, registration, headers);
  await request("POST", urls.stk!, stkPaid("ws_CO_erased", receiptOf(911)));
  const inSpool = await spooled(() =>
    request("POST", urls["c2b/confirmation"]!, confirmation(receiptOf(912)), { "x-forwarded-for": "203.0.113.7" }),
  );
  expect(inSpool).not.toBe("");
  expectNoTrace(inSpool, "the spool");
  // It cannot be read.
  await request("POST", urls["c2b/confirmation"]!, confirmation(receiptOf(914), { TransAmount: "much" }));
  const dialogue = await newConnection(hakika, merchantId, { provider: "africastalking" });
  const screen = { sessionId: "s1", phoneNumber: phone, serviceCode: "*384*1#", text: `1*${typed}` };
  await request("POST", dialogue.callback_urls.ussd!, screen);
  await expectAtRest(sql);
  expectNoTrace(await dump(sql), "the database before the erasure");

  const notedId = await typeTexts();
  const listed = async () => (await api("GET", `/v1/transactions?phone=${encodeURIComponent(phone)}`)).data;
  // What lay in the spool comes when the database is back.
  await expect.poll(async () => (await listed()).length, { timeout: 20_000 }).toBe(4);
  await expectAtRest(sql);
  const before = await listed();
  await api("GET", "/v1/transactions?party_name=wangari");
  await api("POST", "/v1/privacy/export", { phone });

  const erased = await api("POST", "/v1/privacy/erase", { phone });
  expect(erased).toMatchObject({ transactions: 4, ussd_sessions: 1, approvals: 1 });
  expectNoTrace(await dump(sql), "the database after the erasure");
  expectNoTrace(filesBelow(dataFolder), "the data folder");
  expectNoTrace(lines.join(""), "the log");

  const after = await Promise.all(before.map(({ id }: { id: string }) => api("GET", `/v1/transactions/${id}`)));
  const moneyOf = (all: Json[]) => all.map(({ id, amount, currency, status }) => ({ id, amount, currency, status }));
  expect(moneyOf(after)).toEqual(moneyOf(before));
  expectNoTrace(JSON.stringify(after), "the API");
  expect(after.find(({ id }: { id: string }) => id === notedId).reference).toBe("arrears [erased]");

  const box = makeSecretBox(parseSecretKeys(testSecretKey)!);
  const [invariants, audit, queues] = await Promise.all([
    checkInvariants(sql, box, () => {}),
    checkAudit(sql, box),
    checkQueues(sql),
  ]);
  expect(invariants.transactions).toBeGreaterThanOrEqual(4);
  expect([invariants.findings, audit.findings, queues]).toEqual([[], [], []]);
});
