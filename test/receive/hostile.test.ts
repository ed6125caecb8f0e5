import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { receiptOf, stkPaid } from "../support/bodies.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, callbacksOf, newConnection, request, type Shop, startTestHakika } from "../support/hakika.ts";
import { rawRequest } from "../support/raw-request.ts";
import { expectAtRest } from "../system/expect-settled.ts";

let database: TestDatabase;
let hakika: Running;
let merchantId: string;
const connections: Shop["connection"][] = [];

beforeAll(async () => {
  database = await testDatabase();
  hakika = await startTestHakika(database.url);
  merchantId = (await api(hakika, "POST", "/v1/merchants", { name: "Duka" })).id;
  for (const provider of ["daraja", "codian", "kyanda", "africastalking", "kodipay"]) {
    connections.push(await newConnection(hakika, merchantId, { provider }));
  }
});

afterAll(async () => {
  await hakika.stop();
  await database.drop();
});

const urls = () => connections.flatMap(connection => Object.values(connection.callback_urls));

const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
const nasty: (string | Uint8Array)[] = [
  "\u0000",
  '{"Body":"\\u0000"}',
  '{"TransID":"\\u0000\\ud800","TransAmount":"1"}',
  '{"__proto__":{"a":1},"constructor":1,"toString":null,"hasOwnProperty":0}',
  '{"requestId":"a\\u0000b","status":"Success"}',
  `{"TransID":"${"x".repeat(100_000)}","TransAmount":"5"}`,
  '{"transactionRef":"\u2028\u2029","status_code":"0000","amount":1}',
  '{"orderNumber":1e999,"amount":-0,"status":[]}',
  `{"n":${"9".repeat(10_000)}}`,
  deep(50_000),
  "[".repeat(100_000),
  "sessionId=%00&phoneNumber=%&text=%E0%A4%A",
  "id=a&id=b&status=Success&__proto__=1&constructor=2",
  `${"a=1&".repeat(100_000)}id=x`,
  Uint8Array.from([0xff, 0xfe, 0x00, 0x7b, 0x7d]),
  Uint8Array.from(Buffer.from('{"TransID":"a\xc3\x28","TransAmount":"5"}', "latin1")),
  "\ufeff{}",
];

test("hostile bodies on every channel are answered below 500, and the program keeps running", async () => {
  for (const url of urls()) {
    for (const body of nasty) {
      const types = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "x"];
      const answers = await Promise.all(types.map(type => request("POST", url, body, { "content-type": type })));
      const broken = answers.filter(got => got.status >= 500);
      expect([url, String(body).slice(0, 40), broken]).toEqual([url, String(body).slice(0, 40), []]);
    }
  }
  await expectAtRest(database.sql);
  expect((await request("GET", `${hakika.url}/readyz`)).status).toBe(200);
}, 60_000);

test("arbitrary bytes and shapes are answered below 500, read, and leave nothing stuck", async () => {
  const value = fc.anything({ maxDepth: 4, withNullPrototype: false }).map(it => JSON.stringify(it) ?? "");
  const keys = fc.constantFrom(
    "Body",
    "stkCallback",
    "Result",
    "TransID",
    "TransAmount",
    "requestId",
    "status",
    "amount",
  );
  const likely = fc.dictionary(keys, fc.jsonValue({ maxDepth: 3 })).map(it => JSON.stringify(it));
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), value, likely, fc.string({ unit: "binary" }));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: urls().length - 1 }), bytes, async (at, body) => {
      const got = await request("POST", urls()[at]!, body);
      expect(got.status).toBeLessThan(500);
    }),
    { numRuns: 300 },
  );
  await expectAtRest(database.sql);
}, 60_000);

test("no hostile body makes a reader throw", async () => {
  const rows = await database.sql<{ problems: unknown }[]>`
    select problems from callback_readings where problems::text like '%unexpectedly%'`;
  expect([...rows]).toEqual([]);
});

test("hostile headers are answered, and their callback is stored", async () => {
  const { callback_urls, id } = await newConnection(hakika, merchantId);
  const { pathname } = new URL(callback_urls.stk!);
  const body = JSON.stringify(stkPaid("ws_CO_headers", receiptOf(1)));
  const headers = [
    "__proto__: x",
    "constructor: y",
    "x-latin: caf\xe9",
    "x-twice: 1",
    "x-twice: 2",
    `x-long: ${"a".repeat(8000)}`,
  ];
  const head = `POST ${pathname} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n`;
  const answer = await rawRequest(hakika.url, Buffer.from(`${head}${headers.join("\r\n")}\r\n\r\n${body}`, "latin1"));
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(await callbacksOf(hakika, id)).toHaveLength(1);
});

test.for([
  ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  ["a header without an end", `POST /in/daraja HTTP/1.1\r\n${"x: y\r\n".repeat(10_000)}`],
  ["two lengths", "POST /in/x HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n"],
  ["a length and chunks", "POST /in/x HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n"],
  [
    "a chunk of no size",
    "POST /in/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
  ],
] as const)("%s is refused, and the next request is answered", async ([, bytes]) => {
  const answer = await rawRequest(hakika.url, bytes);
  expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
  expect((await request("GET", `${hakika.url}/healthz`)).status).toBe(200);
});
