import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BalanceRow } from "../../src/books/balances/balance-store.ts";
import { findGaps } from "../../src/books/balances/find-gaps.ts";
import { request, type Shop } from "../support/hakika.ts";
import { booksBundle, type Payment, shortcode } from "./books-bundle.ts";

const { bundle, call, shop, confirm, transactions } = booksBundle();

const soon = { timeout: 15_000, interval: 50 };

/** Daraja's server: accepts every question, and lists one payment in its statement. */
const asked: { path: string; body: Record<string, string> }[] = [];
const listed = {
  transactionId: "TJGAPPED01",
  trxDate: "",
  msisdn: "",
  transactiontype: "c2b-pay-bill-debit",
  amount: "70",
};
const server = createServer(async (incoming, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const path = incoming.url!.split("?")[0]!;
  asked.push({ path, body: text === "" ? {} : JSON.parse(text) });
  const answers: Record<string, unknown> = {
    "/oauth/v1/generate": { access_token: "t", expires_in: "3599" },
    "/mpesa/transactionstatus/v1/query": { ResponseCode: "0", ...conversation(asked.length) },
    "/pulltransactions/v1/query":
      asked.at(-1)!.body.OffSetValue === "0"
        ? { ResponseCode: "1000", Response: [[listed]] }
        : { ResponseCode: "1001" },
  };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answers[path] ?? {}));
});
const conversation = (n: number) => ({ OriginatorConversationID: `ORIG-${n}`, ConversationID: `AG-${n}` });

beforeAll(() => new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => void server.close());

const credentials = {
  ...{
    shortcode,
    consumer_key: "key",
    consumer_secret: "secret",
    initiator_name: "api",
    security_credential: "c2VjcmV0",
  },
};
const darajaShop = (settings: object = {}) =>
  shop({ credentials, settings, base_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });

/** The answer to the last question about a receipt, as the channel `result` gets it. */
async function answer({ connection }: Shop, receipt: string, creditParty: string, code = "0"): Promise<void> {
  const parameters = {
    ReceiptNo: receipt,
    TransactionStatus: "Completed",
    Amount: "120",
    CreditPartyName: creditParty,
  };
  const Result = {
    ...{ ResultType: 0, ResultCode: code, ResultDesc: "done", TransactionID: "0" },
    ...conversation(asked.length),
    ...(code === "0" && {
      ResultParameters: {
        ResultParameter: Object.entries({ ...parameters, DebitPartyName: "254700000001 - JANE DOE" }).map(
          ([Key, Value]) => ({ Key, Value }),
        ),
      },
    }),
  };
  expect((await request("POST", connection.callback_urls.result!, { Result })).status).toBe(200);
}

const lookup = async (connectionId: string, receipt: string) =>
  await call("POST", "/v1/lookups", { connection_id: connectionId, receipt });

async function ended(id: string) {
  const ask = async () => await call("GET", `/v1/lookups/${id}`);
  await expect.poll(ask, soon).not.toMatchObject({ state: "asking" });
  return await ask();
}

test("a receipt that nothing told of is asked about, and becomes a transaction where the money came to this receiver", async () => {
  const daraja = await darajaShop();
  const { connection } = daraja;
  const before = asked.length;
  const { id, state } = await lookup(connection.id, "tjlookup01");
  expect(state).toBe("asking");
  await expect.poll(() => asked.length, soon).toBe(before + 2);
  expect(asked.at(-1)!.body).toMatchObject({ TransactionID: "TJLOOKUP01", PartyA: shortcode });
  // Another question about it, meanwhile, is the same.
  expect(await lookup(connection.id, "TJLOOKUP01")).toEqual({ id, state: "asking" });
  await answer(daraja, "TJLOOKUP01", `${shortcode} - DUKA LTD`);
  expect(await ended(id)).toMatchObject({
    state: "found",
    transaction: { kind: "c2b", status: "completed", amount: "120.00", provider_refs: { receipt: "TJLOOKUP01" } },
  });
  expect(await lookup(connection.id, "TJLOOKUP01")).toMatchObject({ state: "known" });
});

test("a payment to another receiver, and a receipt that the provider does not know, are not found", async () => {
  const daraja = await darajaShop();
  const { connection } = daraja;
  for (const [receipt, party, code] of [
    ["TJOTHERS01", "400200 - ANOTHER SHOP", "0"],
    ["TJUNKNOWN1", "", "2032"],
  ] as const) {
    const before = asked.filter(({ path }) => path.includes("transactionstatus")).length;
    const { id } = await lookup(connection.id, receipt);
    await expect
      .poll(() => asked.filter(({ path }) => path.includes("transactionstatus")).length, soon)
      .toBe(before + 1);
    await answer(daraja, receipt, party, code);
    expect(await ended(id)).toMatchObject({ state: "not_found", transaction: null });
  }
  expect(await transactions(connection.id)).toEqual([]);
});

test("a balance that does not follow from the one before is a gap, which a pull explains", async () => {
  const daraja = await darajaShop({ reconcile: { pull: true } });
  const { connection } = daraja;
  const at = (seconds: number) => new Date(Date.now() - 3_600_000 + seconds * 1000);
  listed.trxDate = new Date(at(2).getTime() + 3 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
  const paid = (n: number, seconds: number, balance: number): Payment => ({
    ...{ receipt: `TJBALANCE${n}`, at: at(seconds), cents: 10_000, balance },
  });
  await confirm(daraja, paid(1, 0, 50_000));
  // 70.00 came in between, and no callback told of it.
  await confirm(daraja, paid(2, 4, 67_000));
  const health = async () => await call("GET", `/v1/connections/${connection.id}/health`);
  await expect.poll(health, soon).toMatchObject({
    balance: { amount: "670.00", currency: "KES" },
    channels: { "c2b/confirmation": { last_1h: 2 } },
  });
  await bundle.sql`update balances set learnt_at = now() - interval '1 minute'`;
  await expect.poll(async () => await transactions(connection.id), soon).toHaveLength(3);
  const [found] = await transactions(connection.id, "&provider_ref=TJGAPPED01");
  expect(found).toMatchObject({ status: "completed", status_source: "statement", amount: "70.00" });
  await expect.poll(health, soon).toMatchObject({ balance_gaps: [], success_rate_24h: 1 });
  const gaps = await bundle.sql`select expected, found from balance_gaps where closed_at is not null`;
  expect(gaps).toEqual([{ expected: 50_000n, found: 57_000n }]);
});

test("payments of one second follow from each other in any order, and an account's balance alone is compared too", () => {
  const at = (seconds: number) => new Date(Date.UTC(2025, 0, 1) + seconds * 1000);
  const row = (id: string, seconds: number, amount: bigint, change: bigint | null): BalanceRow => ({
    ...{ id, at: at(seconds), amount, currency: "KES", change, checked: false },
  });
  const fits = [row("a", 0, 100n, 10n), row("c", 1, 160n, 40n), row("b", 1, 120n, 20n), row("d", 2, 160n, null)];
  expect(findGaps(fits)).toEqual([]);
  expect(findGaps([...fits, row("e", 3, 150n, null)])).toMatchObject([{ balanceId: "e", expected: 160n, found: 150n }]);
});
