import { afterAll, beforeAll, expect, test } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { receiptOf, stkPaid } from "../support/bodies.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, callbacksOf, type Json, newConnection, request, startTestHakika } from "../support/hakika.ts";

let database: TestDatabase;
let hakika: Running;
let merchantId: string;

beforeAll(async () => {
  database = await testDatabase();
  hakika = await startTestHakika(database.url, { env: { HAKIKA_ROLES: "receiver" } });
  merchantId = (await api(hakika, "POST", "/v1/merchants", { name: "Duka" })).id;
});

afterAll(async () => {
  await hakika.stop();
  await database.drop();
});

const connect = (more: Record<string, unknown> = {}) => newConnection(hakika, merchantId, more);
const mebibyte = 1024 * 1024;
const brackets = "[".repeat(mebibyte);
const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
const many = (values: number) => JSON.stringify({ list: Array.from({ length: values }, () => 1) });
const newest = async (connectionId: string): Promise<Json> => (await callbacksOf(hakika, connectionId))[0];

test.for([
  ["daraja", "stk", "no JSON", 400],
  ["codian", "sms", "{}", 400],
  ["africastalking", "airtime/validation", "status=Success", 400],
  ["daraja", "stk", brackets.slice(0, 1000), 400],
] as const)(
  "regression: of %s %s bodies that are answered with a refusal 60 a minute are kept, and accepted ones always",
  async ([provider, channel, body, status]) => {
    const connection = await connect({ provider });
    const url = connection.callback_urls[channel]!;
    const headers = { "content-type": body.startsWith("{") ? "application/json" : "application/x-www-form-urlencoded" };
    const sent = Array.from({ length: 90 }, (_, n) => request("POST", url, `${body}${" ".repeat(n)}`, headers));
    expect(new Set((await Promise.all(sent)).map(got => got.status))).toEqual(new Set([status]));
    expect(await callbacksOf(hakika, connection.id)).toHaveLength(60);
    if (provider !== "daraja") return;
    const paid = await request("POST", url, stkPaid(`ws_CO_${connection.id}`, receiptOf(1)));
    expect([paid.status, (await newest(connection.id)).state]).toEqual([200, "pending"]);
  },
);

test("an object that nests too deep or has too many values is not parsed, and answered as one that cannot be read", async () => {
  const daraja = await connect();
  for (const [body, problem] of [
    [deep(65), /deeper than 64/],
    [many(20_000), /more than 20000 values/],
  ] as const) {
    const got = await request("POST", daraja.callback_urls.stk!, body);
    expect([got.status, got.json]).toEqual([200, { ResultCode: 0, ResultDesc: "Accepted" }]);
    const kept = await newest(daraja.id);
    expect([kept.state, kept.problems]).toEqual([
      "quarantined",
      [{ path: "", message: expect.stringMatching(problem) }],
    ]);
  }
  const codian = await connect({ provider: "codian" });
  const refused = await request("POST", codian.callback_urls.sms!, deep(65));
  expect([refused.status, refused.json]).toMatchObject([400, { success: false }]);
});

test("a list that nests too deep is refused like any body that is no object", async () => {
  const daraja = await connect();
  expect((await request("POST", daraja.callback_urls.stk!, brackets)).status).toBe(400);
  expect(await newest(daraja.id)).toMatchObject({ state: "quarantined", answer: { status: 400 } });
});

test("a question that nests too deep gets its fallback, and an airtime question a refusal", async () => {
  const daraja = await connect({ settings: { c2b_validation: { mode: "accept", fallback: "reject" } } });
  for (const body of [deep(65), brackets]) {
    const got = await request("POST", daraja.callback_urls["c2b/validation"]!, body);
    expect([got.status, got.json.ResultCode]).toEqual([200, "C2B00016"]);
    expect((await newest(daraja.id)).state).toBe("quarantined");
  }
  const at = await connect({ provider: "africastalking" });
  expect((await request("POST", at.callback_urls["airtime/validation"]!, deep(65))).status).toBe(400);
});

test("regression: 1 MiB of brackets costs little, whether it is refused or not", async () => {
  const open = await connect();
  const closed = await connect({ verification: { header: { name: "x-secret", value: "a-secret-nobody-may-read" } } });
  const urls = [open.callback_urls.stk!, open.callback_urls["c2b/validation"]!, closed.callback_urls.stk!];
  for (const url of urls) {
    const sent = Array.from({ length: 10 }, () => request("POST", url, brackets));
    const before = process.cpuUsage();
    await Promise.all(sent);
    const { user, system } = process.cpuUsage(before);
    // Both ends of the connection are in this process; parsing alone took 175 ms for each.
    expect((user + system) / 1000 / sent.length).toBeLessThan(100);
  }
});

test("a 403 behind a proxy that is not trusted names the variable, in quarantine and not to the sender", async () => {
  const connection = await connect({ verification: { address: { mode: "enforce", ranges: ["196.201.214.0/24"] } } });
  const post = (headers: Record<string, string>) =>
    request("POST", connection.callback_urls.stk!, stkPaid(`ws_CO_${Object.keys(headers)}`, receiptOf(2)), headers);
  const plain = await post({});
  expect((await newest(connection.id)).problems[0].message).not.toContain("HAKIKA_TRUSTED_PROXIES");
  const forwarded = await post({ "x-forwarded-for": "196.201.214.200" });
  expect([plain.status, forwarded.status]).toEqual([403, 403]);
  expect((await newest(connection.id)).problems[0]).toMatchObject({
    path: "address",
    message: expect.stringContaining("HAKIKA_TRUSTED_PROXIES"),
  });
  expect(forwarded.text).not.toContain("HAKIKA");
});
