import { afterAll, beforeAll, expect, test } from "vitest";
import { adminKey, api, callbacksOf, request } from "../../../support/hakika.ts";
import { type Started, startWith } from "../start.ts";
import { kengele } from "./kengele.ts";
import { type KengeleServer, serveKengele } from "./server.ts";

const admin = { authorization: `Bearer ${adminKey}` };

let server: KengeleServer;
let started: Started;

beforeAll(async () => {
  server = await serveKengele();
  const credentials = { consumer_key: "key", consumer_secret: "secret" };
  started = await startWith(kengele, { base_url: server.url, credentials });
});

afterAll(async () => {
  await started.stop();
  await server.close();
});

const notice = (trackingId: string) =>
  `${started.shop.connection.callback_urls.notices}?${new URLSearchParams({ trackingId, type: "CHANGE" })}`;

const polls = (trackingId: string) =>
  server.calls.filter(call => call.what === "status" && call.about === trackingId).length;

/** Callbacks that are not read yet, and polls that are urgent or under way: what a failure of a wait for none shows. */
async function pendingWork(): Promise<unknown[]> {
  const rows = await started.sql`
    select 'callback' as what, lease_id, attempts, due_at - now() as due_in from inbox_queue
    union all
    select 'poll', lease_id, failures, due_at - now() from poll_queue where urgent or lease_id is not null`;
  return [...rows];
}

async function register(trackingId: string): Promise<string> {
  const { id } = await api(started.hakika, "POST", "/v1/transactions", {
    connection_id: started.shop.connection.id,
    kind: "checkout",
    provider_refs: { tracking_id: trackingId },
    amount: "100",
  });
  return id;
}

test("the ids of registered callback URLs come back in later calls", async () => {
  const { hakika, shop } = started;
  const registered = await api(hakika, "POST", `/v1/connections/${shop.connection.id}/register`);
  expect(registered.registered).toEqual({ notices: shop.connection.callback_urls.notices });
  const id = await register("K-0");
  await api(hakika, "POST", `/v1/transactions/${id}/poll`);
  expect([...server.noticeIds]).toEqual(["notice-1"]);
});

test("a GET that says that something changed is polled, and the answer becomes the merchant's event", async () => {
  const { hakika, shop } = started;
  const id = await register("K-1");
  server.statuses.set("K-1", { status: "Completed", amount: "100.00", currency: "KES" });
  const answer = await request("GET", notice("K-1"));
  expect([answer.status, answer.json]).toEqual([200, { trackingId: "K-1", status: 200 }]);

  const [event] = await shop.merchant.until(events => events.length > 0);
  expect(event).toMatchObject({ type: "payment.completed", data: { transaction: { id, amount: "100.00" } } });
  const [kept] = await callbacksOf(hakika, shop.connection.id);
  expect(kept).toMatchObject({ state: "processed", transaction_ids: [id] });
  const bytes = await request("GET", `${hakika.url}/v1/callbacks/${kept.id}/body`, undefined, admin);
  expect(bytes.text).toBe("trackingId=K-1&type=CHANGE");
});

test("a hundred notices at once poll once, and a repeat polls again", async () => {
  const { hakika, shop } = started;
  await register("K-2");
  server.statuses.set("K-2", { status: "Invalid" });
  const answers = await Promise.all(Array.from({ length: 100 }, () => request("GET", notice("K-2"))));
  expect(new Set(answers.map(answer => answer.status))).toEqual(new Set([200]));
  await expect.poll(() => polls("K-2"), { timeout: 20_000 }).toBe(1);
  const kept = async () => (await callbacksOf(hakika, shop.connection.id))[0];
  await expect.poll(async () => (await kept()).copies, { timeout: 20_000 }).toBe(100);
  // All of them are read, and no other poll is asked for.
  await expect.poll(() => pendingWork(), { timeout: 20_000 }).toEqual([]);
  expect(polls("K-2")).toBe(1);

  server.statuses.set("K-2", { status: "Failed" });
  await request("GET", notice("K-2"));
  const events = await shop.merchant.until(heard => heard.some(event => event.type === "payment.failed"));
  expect(events.at(-1)!.data.transaction.provider_refs).toEqual({ tracking_id: "K-2" });
  expect([polls("K-2"), (await kept()).copies]).toEqual([2, 101]);
});

test("a payment that was given back after its end is polled again", async () => {
  server.statuses.set("K-1", { status: "Reversed", amount: "100.00", currency: "KES" });
  await request("GET", notice("K-1"));
  const events = await started.shop.merchant.until(heard => heard.some(event => event.type === "payment.refunded"));
  expect(events.at(-1)!.data.transaction).toMatchObject({ provider_refs: { tracking_id: "K-1" }, status: "refunded" });
});

test("a forged notice settles nothing", async () => {
  const { hakika, shop } = started;
  const id = await register("K-3");
  server.statuses.set("K-3", { status: "Invalid" });
  const before = (await shop.merchant.until(() => true)).length;
  await request("GET", `${notice("K-3")}&status=Completed&amount=100`);
  await expect.poll(() => polls("K-3"), { timeout: 20_000 }).toBe(1);
  await api(hakika, "POST", `/v1/transactions/${id}/poll`);
  expect(await api(hakika, "GET", `/v1/transactions/${id}`)).toMatchObject({ status: "pending", review: null });
  expect((await shop.merchant.until(() => true)).length).toBe(before);
});

test("a method that the provider does not use is refused", async () => {
  const answer = await request("PUT", started.shop.connection.callback_urls.notices!, { trackingId: "K-1" });
  expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, POST"]);
});
