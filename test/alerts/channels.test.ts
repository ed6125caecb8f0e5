import { afterAll, beforeAll, expect, test } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { stkPaid, stkRegistration } from "../support/bodies.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { adminKey, api, newConnection, openShop, request, type Shop, startTestHakika } from "../support/hakika.ts";
import { startMailServer, type TestMailServer } from "../support/mail-server.ts";
import { type EventMerchant, eventMerchant } from "../support/merchant.ts";

let database: TestDatabase;
let mail: TestMailServer;
let hakika: Running;
let shop: Shop;
/** An alert channel of the installation, which hears of every alert. */
let channel: EventMerchant;

beforeAll(async () => {
  database = await testDatabase();
  mail = await startMailServer();
  hakika = await startTestHakika(database.url, { env: { HAKIKA_SMTP_URL: mail.url } });
  shop = await openShop(hakika);
  channel = await eventMerchant();
  const made = await api(hakika, "POST", "/v1/alert-channels", { kind: "webhook", url: channel.url });
  channel.secret = made.secret;
  await api(hakika, "POST", "/v1/alert-channels", {
    kind: "email",
    to: "ops@example.com",
    merchant_id: shop.merchantId,
    alerts: ["quarantine", "review"],
  });
  await api(hakika, "POST", "/v1/alert-channels", { kind: "email", to: "all@example.com" });
});

afterAll(async () => {
  await hakika.stop();
  await channel.close();
  await shop.merchant.close();
  await mail.close();
  await database.drop();
});

type Told = { type: string; data: { alert: { id: string; kind: string; connection_id: string | null } } };
const isOf = (kind: string, of: string | null, change: string) => (event: Told) =>
  event.type === `alert.${change}` && event.data.alert.kind === kind && event.data.alert.connection_id === of;

/** Resolves once the channel and the merchant's endpoint heard of a change. */
async function told(kind: string, of: string | null, change: "opened" | "closed") {
  const [heard] = await Promise.all(
    [channel, shop.merchant].map(each => each.until(events => events.some(isOf(kind, of, change)))),
  );
  return heard!.find(isOf(kind, of, change))!;
}

/** How often each was told, by channel, endpoint and mail: one message each. */
function copies(kind: string, of: string) {
  const count = (events: Iterable<Told & { copies: number }>, change: string) =>
    [...events].filter(isOf(kind, of, change)).reduce((sum, event) => sum + event.copies, 0);
  return [channel, shop.merchant].flatMap(({ events }) =>
    ["opened", "closed"].map(change => count(events.values(), change)),
  );
}

/** Messages for the opening and the closing of an alert that the mailbox of all kinds got. */
function mailed(title: string, { data }: Told): number[] {
  const subjects = mail.messages
    .filter(({ to, text }) => to.includes("all@example.com") && text.replace(/=?\r?\n/g, "").includes(data.alert.id))
    .map(({ text }) => /^Subject: (.*(?:\r?\n .*)*)/m.exec(text)?.[1]?.replace(/\r?\n /g, " "));
  return ["Open", "Closed"].map(word => subjects.filter(each => each === `[Hakika] ${word}: ${title}`).length);
}

const open = async () =>
  (await api(hakika, "GET", "/v1/alerts?state=open")).data as { kind: string; connection_id: string }[];
const post = (url: string, body: unknown) => request("POST", url, body);

test("a callback in quarantine opens one alert for its channel, and reading it closes it", async () => {
  const { connection } = shop;
  const wrongDoor = connection.callback_urls["c2b/confirmation"]!;
  await post(wrongDoor, stkPaid("ws_CO_door_1", "TJDOOR0001"));
  const opened = await told("quarantine", connection.id, "opened");
  expect(opened.data.alert).toMatchObject({ channel: "c2b/confirmation", state: "open", closed_at: null });
  expect(opened.data).toMatchObject({ environment: "sandbox" });
  await post(wrongDoor, stkPaid("ws_CO_door_2", "TJDOOR0002"));

  const inQuarantine = async () =>
    (await api(hakika, "GET", `/v1/callbacks?state=quarantined&connection_id=${connection.id}`)).data;
  await expect.poll(inQuarantine).toHaveLength(2);
  const data = await inQuarantine();
  for (const { id } of data) await api(hakika, "POST", `/v1/callbacks/${id}/reprocess`, { channel: "stk" });
  const closed = await told("quarantine", connection.id, "closed");
  expect(closed.data.alert.id).toBe(opened.data.alert.id);
  const toOps = (each: { to: string[] }) => each.to.includes("ops@example.com");
  await mail.until(messages => messages.filter(each => toOps(each) && each.text.includes("quarantine")).length >= 2);
  expect(copies("quarantine", connection.id)).toEqual([1, 1, 1, 1]);
  const mails = mail.messages.filter(each => each.text.includes("Callbacks are in quarantine") && toOps(each));
  expect(mails.map(({ text }) => /^Subject: (.*)$/m.exec(text)?.[1])).toEqual([
    "[Hakika] Open: Callbacks are in quarantine",
    "[Hakika] Closed: Callbacks are in quarantine",
  ]);
  expect(mails[0]!.to).toEqual(["ops@example.com"]);
});

test("a wrong receiver opens its own alert and none for quarantine, and naming the receiver closes it", async () => {
  const made = await newConnection(hakika, shop.merchantId, { credentials: { shortcode: "600100" } });
  const body = {
    TransactionType: "Pay Bill",
    TransID: "TJWRONG001",
    TransTime: "20251018233026",
    TransAmount: "50.00",
    BusinessShortCode: "600999",
    BillRefNumber: "A1",
    MSISDN: "254711000001",
    FirstName: "ASHA",
  };
  await post(made.callback_urls["c2b/confirmation"]!, body);
  const opened = await told("wrong_receiver", made.id, "opened");
  expect((await open()).filter(alert => alert.connection_id === made.id).map(({ kind }) => kind)).toEqual([
    "wrong_receiver",
  ]);
  await api(hakika, "PATCH", `/v1/connections/${made.id}`, { settings: { receivers: ["600999"] } });
  await told("wrong_receiver", made.id, "closed");
  expect(copies("wrong_receiver", made.id)).toEqual([1, 1, 1, 1]);
  await expect.poll(() => mailed("A callback names another receiver", opened)).toEqual([1, 1]);
});

test("a review opens one alert for its connection, and the last decision closes it", async () => {
  const made = await newConnection(hakika, shop.merchantId);
  for (const n of [1, 2]) {
    await api(hakika, "POST", "/v1/transactions", stkRegistration(made.id, `ws_CO_review_${n}`, "700.00"));
    await post(made.callback_urls.stk!, stkPaid(`ws_CO_review_${n}`, `TJREVIEW0${n}`, 70));
  }
  const opened = await told("review", made.id, "opened");
  await shop.merchant.until(
    events =>
      events.filter(e => e.type === "transaction.review_required" && e.data.transaction.connection_id === made.id)
        .length === 2,
  );
  const { data } = await api(hakika, "GET", `/v1/transactions?review=true&connection_id=${made.id}`);
  for (const { id } of data) {
    expect(await open()).toContainEqual(expect.objectContaining({ kind: "review", connection_id: made.id }));
    await api(hakika, "POST", `/v1/transactions/${id}/resolve`, { status: "failed", note: "not ours" });
  }
  await told("review", made.id, "closed");
  expect(copies("review", made.id)).toEqual([1, 1, 1, 1]);
  await expect.poll(() => mailed("Transactions are in review", opened)).toEqual([1, 1]);
});

test("an endpoint that fails opens an alert at once, which it is not told of, and a success closes it", async () => {
  const dead = await eventMerchant();
  const endpoint = await api(hakika, "POST", "/v1/endpoints", {
    merchant_id: shop.merchantId,
    url: dead.url,
    environment: "any",
    retry_schedule_s: [1, 1, 1, 1, 1, 1, 1, 1],
  });
  await api(hakika, "POST", `/v1/endpoints/${endpoint.id}/test`);
  const opened = await told("endpoint_failing", null, "opened");
  expect(opened.data.alert).toMatchObject({ endpoint_id: endpoint.id });
  dead.secret = endpoint.secret;
  await told("endpoint_failing", null, "closed");
  expect(
    [...dead.events.values()].filter(e => e.type.startsWith("alert.") && e.data.alert.endpoint_id !== null),
  ).toEqual([]);
  await expect.poll(() => mailed("An endpoint does not take its events", opened)).toEqual([1, 1]);
  await dead.close();
  await api(hakika, "DELETE", `/v1/endpoints/${endpoint.id}`);
});

test("an alert that stays open is told again until it is acknowledged, and a test reaches a channel", async () => {
  const reminded = await eventMerchant();
  const made = await api(hakika, "POST", "/v1/alert-channels", {
    kind: "webhook",
    url: reminded.url,
    alerts: ["review"],
    remind_after_s: 1,
  });
  reminded.secret = made.secret;
  expect((await api(hakika, "GET", `/v1/alert-channels/${made.id}`)).secret).toBeUndefined();
  await api(hakika, "POST", `/v1/alert-channels/${made.id}/test`);
  await reminded.until(events => events.some(({ type }) => type === "alert.test"));

  const on = await newConnection(hakika, shop.merchantId);
  await api(hakika, "POST", "/v1/transactions", stkRegistration(on.id, "ws_CO_remind", "700.00"));
  await post(on.callback_urls.stk!, stkPaid("ws_CO_remind", "TJREMIND01", 70));
  await reminded.until(events => events.some(({ data }) => data.reminder >= 2));
  const [alert] = (await api(hakika, "GET", "/v1/alerts?state=open&kind=review")).data;
  const acknowledged = await api(hakika, "POST", `/v1/alerts/${alert.id}/acknowledge`);
  expect(acknowledged).toMatchObject({ acknowledged_by: "admin", state: "open" });
  expect(await api(hakika, "POST", `/v1/alerts/${alert.id}/acknowledge`)).toEqual(acknowledged);
  await api(hakika, "DELETE", `/v1/alert-channels/${made.id}`);
  await reminded.close();
});

test("a merchant's key sees its own alerts and channels alone, and no secret of a channel", async () => {
  const other = await api(hakika, "POST", "/v1/merchants", { name: "Other" });
  const { key } = await api(hakika, "POST", `/v1/merchants/${other.id}/api-keys`, { name: "main" });
  const as = (method: string, path: string, body?: unknown) =>
    request(method, hakika.url + path, body, { authorization: `Bearer ${key}` });
  expect((await as("GET", "/v1/alerts")).json.data).toEqual([]);
  expect((await as("GET", "/v1/alert-channels")).json.data).toEqual([]);
  const [alert] = (await api(hakika, "GET", "/v1/alerts")).data;
  expect((await as("POST", `/v1/alerts/${alert.id}/acknowledge`)).status).toBe(404);
  const telegram = { kind: "telegram", bot_token: "123456789:AAtokenOfABotThatIsInvented00000000", chat_id: "-100123" };
  const made = await as("POST", "/v1/alert-channels", telegram);
  expect(made.json).toMatchObject({ merchant_id: other.id, chat_id: "-100123", url: null });
  expect(made.text).not.toContain("AAtoken");
  expect((await as("POST", "/v1/alert-channels", { kind: "slack", url: "http://10.0.0.1/x" })).status).toBe(422);
  expect((await as("POST", "/v1/alert-channels", { kind: "email", url: "https://example.com" })).status).toBe(422);
  const asAdmin = { authorization: `Bearer ${adminKey}` };
  expect(
    (await request("GET", `${hakika.url}/v1/alert-channels?merchant_id=${other.id}`, undefined, asAdmin)).text,
  ).not.toContain("AAtoken");
});
