import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { Sql } from "../../src/database/connect.ts";
import { testDatabase } from "../support/database.ts";
import { adminKey, api, type Json, openShop, request, type Shop, startTestHakika } from "../support/hakika.ts";

export const shortcode = "600100";

type Hakika = Awaited<ReturnType<typeof startTestHakika>>;

/** The whole program on one database; every test has a shop of its own. */
export function booksBundle() {
  const bundle = {} as { hakika: Hakika; sql: Sql };
  const shops: Shop[] = [];
  let drop = async () => {};
  beforeAll(async () => {
    const database = await testDatabase();
    bundle.sql = database.sql;
    bundle.hakika = await startTestHakika(database.url);
    drop = database.drop;
  });
  afterEach(async () => {
    for (const shop of shops.splice(0)) await shop.merchant.close();
  });
  afterAll(async () => {
    await bundle.hakika.stop();
    await drop();
  });

  const call = (method: string, path: string, body?: unknown): Promise<Json> => api(bundle.hakika, method, path, body);

  async function shop(more: Record<string, unknown> = {}): Promise<Shop> {
    const opened = await openShop(bundle.hakika, { credentials: { shortcode }, ...more });
    shops.push(opened);
    return opened;
  }

  /** A C2B confirmation, as Daraja sends it. */
  async function confirm({ connection }: Shop, payment: Payment): Promise<void> {
    const body = {
      TransactionType: "Pay Bill",
      TransID: payment.receipt,
      TransTime: new Date(payment.at.getTime() + 3 * 3_600_000).toISOString().replace(/\D/g, "").slice(0, 14),
      TransAmount: (payment.cents / 100).toFixed(2),
      BusinessShortCode: shortcode,
      BillRefNumber: payment.reference ?? "",
      OrgAccountBalance: payment.balance === undefined ? "" : (payment.balance / 100).toFixed(2),
      MSISDN: "2547 ***** 126",
      FirstName: "JANE",
    };
    const answer = await request("POST", connection.callback_urls["c2b/confirmation"]!, body);
    expect(answer.status).toBe(200);
  }

  async function upload(connectionId: string, file: string | Uint8Array, query = ""): Promise<Json> {
    const isText = typeof file === "string";
    const type = isText ? "text/csv" : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    const url = `${bundle.hakika.url}/v1/statements?connection_id=${connectionId}${query}`;
    return request("POST", url, file, { "content-type": type, authorization: `Bearer ${adminKey}` });
  }

  /** Uploads a statement and waits until it is imported, or has failed. */
  async function imported(connectionId: string, file: string | Uint8Array, query = ""): Promise<Json> {
    const { status, json, text } = await upload(connectionId, file, query);
    expect(status, text).toBe(202);
    return await ended(() => call("GET", `/v1/statements/${json.id}`));
  }

  async function lines(id: string, verdict?: string): Promise<Json[]> {
    return (await call("GET", `/v1/statements/${id}/lines?limit=200${verdict ? `&verdict=${verdict}` : ""}`)).data;
  }

  const transactions = async (connectionId: string, more = ""): Promise<Json[]> =>
    (await call("GET", `/v1/transactions?connection_id=${connectionId}&limit=200${more}`)).data;

  return { bundle, call, shop, confirm, upload, imported, lines, transactions };
}

export type Payment = { receipt: string; at: Date; cents: number; reference?: string; balance?: number };

/** Asks until the statement is not importing any more. */
async function ended(ask: () => Promise<Json>): Promise<Json> {
  return await expect.poll(ask, { interval: 50, timeout: 20_000 }).not.toMatchObject({ state: "importing" }).then(ask);
}
