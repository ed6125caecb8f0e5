import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { newCallbackToken } from "../../src/connections/token.ts";
import { receiptOf, stkPaid } from "../support/bodies.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, callbacksOf, newConnection, request, startTestHakika } from "../support/hakika.ts";
import { rawRequest } from "../support/raw-request.ts";

let database: TestDatabase;
let hakika: Running;
let connection: Awaited<ReturnType<typeof newConnection>>;
let stk: string;

beforeAll(async () => {
  database = await testDatabase();
  hakika = await startTestHakika(database.url, { env: { HAKIKA_ROLES: "receiver" } });
  const merchant = await api(hakika, "POST", "/v1/merchants", { name: "Duka" });
  connection = await newConnection(hakika, merchant.id);
  stk = connection.callback_urls.stk!;
});

afterAll(async () => {
  await hakika.stop();
  await database.drop();
});

const kept = () => callbacksOf(hakika, connection.id);
const body = stkPaid("ws_CO_refused", receiptOf(1));

test("an unknown provider or token is 404, whatever the method, and nothing is stored", async () => {
  const token = new URL(stk).pathname.split("/")[3]!;
  const other = newCallbackToken(Number.parseInt(token.slice(0, 2), 16));
  const paths = [
    `/in/nobody/${token}/stk`,
    `/in/constructor/${token}/stk`,
    `/in/codian/${token}/payments`,
    `/in/daraja/${other}/stk`,
    `/in/daraja/${token.slice(1)}/stk`,
    `/in/daraja/${token.toUpperCase()}/stk`,
    `/in/daraja/${"ff"}${token.slice(2)}/stk`,
    `/in/daraja/${other}/nothing`,
    `/in/daraja/${token}/`,
    `/in/daraja/${token}`,
    "/in/daraja",
    "/in/",
    "/in/daraja/%00/stk",
    "/in/daraja/%E0%A4%A/stk",
  ];
  for (const path of paths) {
    const got = await request("POST", hakika.url + path, body);
    expect([path, got.status, got.headers.get("content-type")]).toEqual([path, 404, "application/problem+json"]);
    expect([path, (await request("GET", hakika.url + path)).status]).toEqual([path, 404]);
  }
  expect(await kept()).toEqual([]);
});

test.for(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])(
  "%s is 405 and names the allowed method",
  async method => {
    const got = await request(method, stk);
    expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
    expect(await kept()).toEqual([]);
  },
);

const mebibyte = 1024 * 1024;
const head = (more: string) => `POST ${new URL(stk).pathname} HTTP/1.1\r\nhost: x\r\n${more}\r\n`;

test("a body whose Content-Length is over 1 MiB is 413 before its first byte arrives", async () => {
  const answer = await rawRequest(stk, head(`content-length: ${mebibyte + 1}\r\n`));
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toMatch(/connection: close/i);
  expect(await kept()).toEqual([]);
});

test("regression: a sender that expects 100 Continue before a body over 1 MiB gets 413", async () => {
  const answer = await rawRequest(stk, head(`content-length: ${mebibyte + 1}\r\nexpect: 100-continue\r\n`));
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
});

test("a sender that expects 100 Continue gets it", async () => {
  const asks = head("content-length: 2\r\nexpect: 100-continue\r\n");
  expect(await rawRequest(stk, asks, answer => answer.endsWith("\r\n\r\n"))).toMatch(/^HTTP\/1\.1 100 /);
});

test("a chunked body is 413 as soon as it is over 1 MiB, though it never ends", async () => {
  const chunk = `10000\r\n${"a".repeat(0x10000)}\r\n`;
  const answer = await rawRequest(stk, head("transfer-encoding: chunked\r\n") + chunk.repeat(17));
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(await kept()).toEqual([]);
});

test("a sender that sends all of its 2 MiB first still reads its 413", async () => {
  for (let round = 0; round < 5; round += 1) {
    const answer = await rawRequest(stk, head(`content-length: ${2 * mebibyte}\r\n`) + "a".repeat(2 * mebibyte));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  }
});

test("a body of exactly 1 MiB is accepted, sent whole or in chunks", async () => {
  const text = JSON.stringify({ ...stkPaid("ws_CO_large", receiptOf(2)), filler: "" });
  const large = text.replace('"filler":""', `"filler":"${"a".repeat(mebibyte - text.length)}"`);
  expect(Buffer.byteLength(large)).toBe(mebibyte);
  expect((await request("POST", stk, large)).status).toBe(200);
  const answer = await rawRequest(
    stk,
    `${head("transfer-encoding: chunked\r\nconnection: close\r\n")}100000\r\n${large}\r\n0\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(await kept()).toMatchObject([{ copies: 2 }]);
});

test("a request that ends before its body is not stored", async () => {
  const before = (await kept()).length;
  const { hostname, port } = new URL(stk);
  await new Promise<void>(resolve => {
    const socket = connect(Number(port), hostname, () => socket.end(`${head("content-length: 100\r\n")}{"Body":`));
    socket.on("close", () => resolve()).resume();
  });
  expect((await request("POST", stk, stkPaid("ws_CO_after", receiptOf(3)))).status).toBe(200);
  expect((await kept()).length).toBe(before + 1);
});
