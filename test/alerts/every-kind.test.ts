import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { lookAtCallbackUrl } from "../../src/alerts/look/look-at-callback-url.ts";
import { createSpoolWatch } from "../../src/alerts/look/spool-watch.ts";
import { lookForSilence } from "../../src/alerts/silence/look-for-silence.ts";
import type { Running } from "../../src/app/running.ts";
import { type AlertKind, alertTitles } from "../../src/domain/alerts.ts";
import { parseRange } from "../../src/egress/address.ts";
import { createEgress } from "../../src/egress/client.ts";
import { unknownUrl } from "../../src/receive/refusals.ts";
import { csv, oldStatement } from "../books/statement-file.ts";
import { stkRegistration } from "../support/bodies.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import {
  adminKey,
  api,
  type Json,
  newConnection,
  openShop,
  request,
  type Shop,
  startTestHakika,
} from "../support/hakika.ts";
import { startMailServer, type TestMailServer } from "../support/mail-server.ts";
import { type EventMerchant, eventMerchant } from "../support/merchant.ts";

/** A server whose answer the test chooses: Daraja, and what stands at the public URL. */
let answer: (path: string, response: ServerResponse) => void = (_, response) => response.writeHead(404).end();
const stub = createServer((incoming, response) => answer(incoming.url!.split("?")[0]!, response));
const stubUrl = () => `http://127.0.0.1:${(stub.address() as AddressInfo).port}`;
const egress = createEgress({ allow: [parseRange("127.0.0.0/8")!], userAgent: "Hakika/test" });

let database: TestDatabase;
let mail: TestMailServer;
let hakika: Running;
let shop: Shop;
let channel: EventMerchant;

beforeAll(async () => {
  await new Promise<void>(resolve => stub.listen(0, "127.0.0.1", resolve));
  database = await testDatabase();
  mail = await startMailServer();
  hakika = await startTestHakika(database.url, { env: { HAKIKA_SMTP_URL: mail.url, HAKIKA_PUBLIC_URL: stubUrl() } });
  shop = await openShop(hakika);
  channel = await eventMerchant();
  channel.secret = (await call("POST", "/v1/alert-channels", { kind: "webhook", url: channel.url })).secret;
  await call("POST", "/v1/alert-channels", { kind: "email", to: "ops@example.com" });
});
afterAll(async () => {
  await hakika.stop();
  await Promise.all([channel.close(), shop.merchant.close(), mail.close(), egress.close()]);
  stub.closeAllConnections();
  stub.close();
  await database.drop();
});

const call = (method: string, path: string, body?: unknown): Promise<Json> => api(hakika, method, path, body);

async function changed(kind: AlertKind, change: "opened" | "closed") {
  const isIt = (event: Json) => event.type === `alert.${change}` && event.data.alert.kind === kind;
  await channel.until(events => events.some(isIt));
}

/** How often the channel and the mailbox heard of a kind: opened, closed, each. */
function messages(kind: AlertKind) {
  const heard = (change: string) =>
    [...channel.events.values()]
      .filter(({ type, data }) => type === `alert.${change}` && data.alert.kind === kind)
      .reduce((sum, { copies }) => sum + copies, 0);
  const mailed = (word: string) =>
    mail.messages.filter(({ text }) => text.replace(/\r\n /g, " ").includes(`[Hakika] ${word}: ${alertTitles[kind]}`));
  return [heard("opened"), heard("closed"), mailed("Open").length, mailed("Closed").length];
}

/** One message for the opening and one for the closing, on each channel. */
async function toldOnce(kind: AlertKind) {
  await changed(kind, "closed");
  await vi.waitFor(() => expect(messages(kind)).toEqual([1, 1, 1, 1]), { timeout: 15_000 });
}

const shortcode = "600100";
const credentials = { shortcode, passkey: "passkey", consumer_key: "key", consumer_secret: "secret" };
const daraja = (more: Record<string, unknown> = {}) =>
  newConnection(hakika, shop.merchantId, { credentials, base_url: stubUrl(), ...more });

const startedAt = Date.now() - 3_600_000;
async function confirm(connection: Json, receipt: string, seconds: number, amount: string, balance: string) {
  const time = new Date(startedAt + seconds * 1000 + 3 * 3_600_000).toISOString().replace(/\D/g, "").slice(0, 14);
  const body = { TransactionType: "Pay Bill", TransID: receipt, TransTime: time, TransAmount: amount };
  const more = {
    BusinessShortCode: shortcode,
    BillRefNumber: "A1",
    OrgAccountBalance: balance,
    MSISDN: "254711000001",
  };
  const path = new URL(connection.callback_urls["c2b/confirmation"]).pathname;
  await request("POST", hakika.url + path, { ...body, ...more, FirstName: "ASHA" });
}

test.concurrent("a statement with a line that is unknown here opens an alert, and the next one of its period closes it", async () => {
  const connection = await daraja();
  const at = (hour: number) => new Date(Date.UTC(2026, 0, 5, hour));
  const lines = [{ receipt: "TJGAPLINE1", at: at(9), amount: 5_000, type: "Pay Bill", details: "Payment" }];
  const made = { shortcode, from: at(0), to: at(23), opening: 10_000, lines };
  const upload = (file: string) =>
    request("POST", `${hakika.url}/v1/statements?connection_id=${connection.id}`, file, {
      "content-type": "text/csv",
      authorization: `Bearer ${adminKey}`,
    });
  await upload(csv(oldStatement(made)));
  await changed("statement_gap", "opened");
  const [open] = (await call("GET", "/v1/alerts?state=open&kind=statement_gap")).data;
  expect(open).toMatchObject({ connection_id: connection.id, detail: expect.stringContaining("1 new") });
  await upload(`${csv(oldStatement(made))}\r\n`);
  await toldOnce("statement_gap");
});

test.concurrent("a balance that does not follow opens an alert, and the payment between the two closes it", async () => {
  const connection = await daraja();
  const compared = () => database.sql`update balances set learnt_at = now() - interval '1 minute'`;
  await confirm(connection, "TJGAPBAL01", 0, "100", "500.00");
  await confirm(connection, "TJGAPBAL02", 20, "100", "670.00");
  const balances = () => database.sql`select 1 from balances where connection_id = ${uuidOf(connection.id)}`;
  await vi.waitFor(async () => expect(await balances()).toHaveLength(2), 10_000);
  await compared();
  await changed("balance_gap", "opened");
  await confirm(connection, "TJGAPBAL03", 10, "70", "570.00");
  await vi.waitFor(async () => expect(await balances()).toHaveLength(3), 10_000);
  await compared();
  await toldOnce("balance_gap");
});

test.concurrent("a balance below settings.low_balance opens an alert, and the next one above it closes it", async () => {
  const connection = await daraja({ settings: { low_balance: "1000" } });
  await confirm(connection, "TJLOWBAL01", 0, "100", "999.99");
  await changed("low_balance", "opened");
  const [open] = (await call("GET", "/v1/alerts?state=open&kind=low_balance")).data;
  expect(open.detail).toMatch(/^The balance was 999\.99 KES at .*, below 1000\.$/);
  await confirm(connection, "TJLOWBAL02", 5, "0.01", "1000.00");
  await toldOnce("low_balance");
});

test.concurrent("refused credentials open an alert that new ones close, and a provider that asks for patience one that time closes", async () => {
  const connection = await daraja();
  answer = (path, response) =>
    path.startsWith("/oauth")
      ? response.writeHead(400).end('{"errorCode":"400.008.01","errorMessage":"Invalid Authentication passed"}')
      : response.writeHead(404).end();
  const { id } = await call("POST", "/v1/transactions", stkRegistration(connection.id, "ws_CO_kind_1"));
  const poll = () =>
    request("POST", `${hakika.url}/v1/transactions/${id}/poll`, undefined, { authorization: `Bearer ${adminKey}` });
  await poll();
  await changed("credentials_refused", "opened");
  await call("PATCH", `/v1/connections/${connection.id}`, { credentials: { consumer_secret: "another" } });
  await toldOnce("credentials_refused");

  answer = (_, response) => response.writeHead(429, { "retry-after": "3" }).end("{}");
  await poll();
  await changed("connection_paused", "opened");
  await toldOnce("connection_paused");
});

test("silence at noon, a public URL that leads elsewhere and callbacks on a disk are told, and their end", async () => {
  const { sql } = database;
  const wake = () => {};
  const connection = await daraja({ environment: "production", base_url: undefined });
  const url = () => lookAtCallbackUrl({ sql, wake, egress, publicUrl: stubUrl() }, new Date());
  answer = (_, response) => response.writeHead(200).end("<h1>Welcome</h1>");
  await url();
  const state = { bytes: 100, isDatabaseUnavailable: true };
  const watch = createSpoolWatch({ sql, spool: () => state, host: "box", folder: "data", now: () => new Date() });
  await watch.tick();
  Object.assign(state, { isDatabaseUnavailable: false });
  await watch.tick();

  // An hour to come: channels hear of what opens after they were made.
  const noon = Math.ceil(Date.now() / 3_600_000) * 3_600_000;
  const hours = Array.from({ length: 8 }, (_, week) => new Date(noon - (week + 1) * 7 * 86_400_000));
  await sql`
    insert into channel_activity (shard, connection_id, channel, first_at, last_at)
    select shard, id, 'stk', ${hours.at(-1)!}, ${new Date(noon)} from connections where id = ${uuidOf(connection.id)}`;
  for (const hour of hours) {
    await sql`
      insert into callback_hours (shard, connection_id, channel, hour, count)
      select shard, id, 'stk', ${hour}, 120 from connections where id = ${uuidOf(connection.id)}`;
  }
  // As after a first start: no look before this one.
  await sql`delete from silence_cursors`;
  const look = (minutes: number) =>
    lookForSilence({ sql, wake, timeZone: "Africa/Nairobi" }, new Date(noon + minutes * 60_000));
  await look(10);
  await Promise.all([changed("silence", "opened"), changed("callback_url", "opened"), changed("spool", "opened")]);

  await sql`update channel_activity set last_at = ${new Date(noon + 11 * 60_000)} where channel = 'stk'`;
  await look(12);
  const { status, body } = unknownUrl().reply;
  answer = (_, response) => response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
  await url();
  Object.assign(state, { bytes: 0 });
  await watch.tick();
  for (const kind of ["silence", "callback_url", "spool"] as const) await toldOnce(kind);
});

/** The UUID of a public id. */
const uuidOf = (id: string) => id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
