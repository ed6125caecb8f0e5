import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { newUuid, parseId, shardOf } from "../../src/domain/ids.ts";
import { type Program, runProgram } from "../support/program.ts";
import { type Browser, signedIn } from "./browser.ts";

let program: Program;
let owner: Browser;
let merchant: { id: string; key: string };
let connection: { id: string; callback_urls: Record<string, string> };

beforeAll(async () => {
  program = await runProgram(undefined, { HAKIKA_TRUSTED_PROXIES: "127.0.0.0/8" });
  merchant = await program.newMerchant("Duka");
  const credentials = { consumer_key: "k", consumer_secret: "s", shortcode: "600100", passkey: "p" };
  const body = { merchant_id: merchant.id, provider: "daraja", environment: "sandbox", credentials };
  // Nothing answers there, so polls fail.
  const base_url = "http://127.0.0.1:9";
  connection = (await program.call("POST", "/v1/connections", { ...body, base_url })).json;
  owner = await signedIn(program.url, merchant.key);
});
afterAll(() => program?.stop());

const register = async (body: object) =>
  (
    await program.call(
      "POST",
      "/v1/transactions",
      { connection_id: connection.id, kind: "stk_push", ...body },
      merchant.key,
    )
  ).json;

async function pushPaid(checkoutId: string, receipt: string, amount: number): Promise<void> {
  const items = { Amount: amount, MpesaReceiptNumber: receipt, PhoneNumber: 254700000001 };
  const stkCallback = {
    MerchantRequestID: "29115-1",
    CheckoutRequestID: checkoutId,
    ResultCode: 0,
    ResultDesc: "The service request is processed successfully.",
    CallbackMetadata: { Item: Object.entries(items).map(([Name, Value]) => ({ Name, Value })) },
  };
  await post("stk", { Body: { stkCallback } });
}

async function tillPaid(receipt: string, amount: string, reference: string): Promise<void> {
  await post("c2b/confirmation", {
    TransactionType: "Pay Bill",
    TransID: receipt,
    TransTime: "20251018233026",
    TransAmount: amount,
    BusinessShortCode: "600100",
    BillRefNumber: reference,
    MSISDN: "2547*****126",
    FirstName: "Wanjiku",
  });
}

async function post(channel: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const at = connection.callback_urls[channel]!;
  expect((await fetch(at, { method: "POST", headers, body: JSON.stringify(body) })).status).toBe(200);
}

/** A page as text, without tags, once it contains what the test waits for. */
async function pageWith(path: string, text: string | RegExp): Promise<string> {
  return vi.waitFor(
    async () => {
      const page = (await owner.get(path)).text.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
      expect(page).toMatch(text);
      return page;
    },
    { timeout: 10_000, interval: 50 },
  );
}

test("a mismatch shows both amounts, in the list and on the page, and a decision may say what was paid", async () => {
  const { id } = await register({
    provider_refs: { checkout_request_id: "ws_CO_744" },
    reference: "R-1",
    amount: "744",
  });
  await pushPaid("ws_CO_744", "TJIKQ7V744", 739);
  const at = `/console/transactions/${id}`;
  const page = await pageWith(at, /amount mismatch/);
  expect(page).toContain("Expected 744.00 KES , told 739.00 KES");
  expect(page).toContain("sandbox");
  expect(page).toMatch(/Registered by main 744\.00 KES R-1, ws_CO_744/);
  expect(await pageWith("/console/reviews", /R-1/)).toContain("Expected 744.00 KES , told 739.00 KES");

  const wrong = await owner.send(`${at}/resolve`, { status: "completed", note: "Seen.", amount: "a lot" });
  expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining("amount: ")]);
  const sent = await owner.send(`${at}/resolve`, { status: "completed", note: "Seen.", amount: "739" });
  expect(sent.status).toBe(303);
  expect(await pageWith(at, /completed/)).toMatch(/operator says completed operator 739\.00 KES/);
  expect((await program.call("GET", `/v1/transactions/${id}`)).json).toMatchObject({ amount: "739.00", review: null });
});

test("an amendment shows what it replaced, and by whom", async () => {
  const refs = { provider_refs: { checkout_request_id: "ws_CO_amend" } };
  const { id } = await register({ ...refs, amount: "50" });
  await register({ ...refs, amount: "70", amend: true });
  const page = await pageWith(`/console/transactions/${id}`, /Registration changed by main 70\.00 KES/);
  expect(page).toMatch(/before: 50\.00 KES, ws_CO_amend/);
});

test("an unfinished transaction shows its polls, and when the next one is", async () => {
  const { id } = await register({ provider_refs: { checkout_request_id: "ws_CO_polls" } });
  const uuid = parseId("transaction", id)!;
  const shard = shardOf(uuid);
  await program.sql`
    insert into polls (shard, transaction_id, id, at, outcome, reason, latency_ms)
    values (${shard}, ${uuid}, ${newUuid(shard)}, now(), 'unavailable', 'HTTP 500', 412)`;
  const page = await pageWith(`/console/transactions/${id}`, /Next poll \d{4}/);
  expect(page).toMatch(/Polled : no answer 412 ms HTTP 500/);
  expect(page).toContain("Last outcome no answer");
});

test("an order and a smaller payment with its number link each other", async () => {
  const { id } = await register({
    provider_refs: { checkout_request_id: "ws_CO_u" },
    reference: "ORDER-U",
    amount: "5000",
  });
  await tillPaid("TJIKQ7V001", "1.00", "order-u");
  const order = await pageWith(`/console/transactions/${id}`, /amount mismatch/);
  expect(order).toContain("Expected 5000.00 KES , told 1.00 KES");
  expect(order).toContain("a payment of KES 1.00 names the same reference");
  await program.sql`update transactions set phone_masked = '2547*****126' where reference = 'order-u'`;
  const { related } = (await program.call("GET", `/v1/transactions/${id}`)).json.review;
  expect((await owner.get(`/console/transactions/${id}`)).text).toContain(`href="/console/transactions/${related[0]}"`);
  const payment = await pageWith(`/console/transactions/${related[0]}`, /amount mismatch/);
  expect(payment).toContain("an order of KES 5000.00 is registered with the same reference");
  expect(payment).toContain("Phone 2547*****126");
  expect(payment).not.toContain("says nothing");
  expect((await owner.get(`/console/transactions/${related[0]}`)).text).toContain(`href="/console/transactions/${id}"`);
});
