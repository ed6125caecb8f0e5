import { expect, test } from "vitest";
import { receiptOf, stkPaid, stkRegistration } from "../support/bodies.ts";
import { api, callbacksOf, type Json, newConnection, request, type Shop } from "../support/hakika.ts";
import { shopBundle } from "../support/shop-bundle.ts";

const on = shopBundle();

type Payment = { connection: Shop["connection"]; id: string; reference: string; receipt: string; typed: string };

const steps = {
  registered: ({ connection, id, reference }: Payment) =>
    api(on.hakika, "POST", "/v1/transactions", { ...stkRegistration(connection.id, id), reference }),
  failed: ({ connection, id }: Payment) => request("POST", connection.callback_urls.stk!, cancelled(id)),
  paid: ({ connection, id, receipt }: Payment) => request("POST", connection.callback_urls.stk!, stkPaid(id, receipt)),
  confirmed: ({ connection, receipt, typed }: Payment) =>
    request("POST", connection.callback_urls["c2b/confirmation"]!, confirmation(receipt, typed)),
};
type Step = keyof typeof steps;

function cancelled(CheckoutRequestID: string) {
  return {
    Body: { stkCallback: { MerchantRequestID: "m", CheckoutRequestID, ResultCode: 1032, ResultDesc: "Cancelled" } },
  };
}

function confirmation(TransID: string, BillRefNumber: string) {
  const rest = { TransTime: "20251018233026", BusinessShortCode: "600638", MSISDN: "2547*****001", FirstName: "JANE" };
  return { TransactionType: "Pay Bill", TransID, TransAmount: "50.00", BillRefNumber, ...rest };
}

function orders(list: Step[]): Step[][] {
  if (list.length < 2) return [list];
  return list.flatMap(first => orders(list.filter(step => step !== first)).map(rest => [first, ...rest]));
}

/** Plays one order of steps. `waits`: each is settled before the next. Returns the transactions and events. */
async function play(number: number, order: Step[], typesReference: boolean, waits: boolean) {
  const connection = await newConnection(on.hakika, on.shop.merchantId);
  const reference = `ORDER-${number}`;
  const typed = typesReference ? ` ${reference.toLowerCase()} ` : "shop";
  const payment = { connection, id: `ws_CO_${number}`, reference, receipt: receiptOf(number), typed };
  for (const [at, step] of order.entries()) {
    // Each step is repeated.
    await steps[step](payment);
    await steps[step](payment);
    if (waits || at === order.length - 1) await expect.poll(() => pending(connection.id)).toBe(0);
  }
  const { data: left } = await api(on.hakika, "GET", `/v1/transactions?connection_id=${connection.id}`);
  const all = await eventsOf(connection.id);
  const ids = all.map(event => event.id);
  const heard = await on.shop.merchant.until(list => ids.every(id => list.some(event => event.id === id)));
  return { payment, left, told: heard.filter(event => ids.includes(event.id)) };
}

async function pending(connectionId: string): Promise<number> {
  return (await callbacksOf(on.hakika, connectionId)).filter(callback => callback.state === "pending").length;
}

async function eventsOf(connectionId: string): Promise<Json[]> {
  return await on.database.sql`
    select 'evt_' || replace(e.id::text, '-', '') as id from events e
    join transactions t on t.shard = e.shard and t.id = e.transaction_id
    where t.connection_id = ${connectionId.slice(4)}::uuid`;
}

const all = orders(["registered", "failed", "paid", "confirmed"]);
const ways = [true, false].flatMap(typesReference => [true, false].map(waits => ({ typesReference, waits })));

test.each(ways)(
  "in any order, each step repeated, it is one completed payment with one event: %o",
  async ({ typesReference, waits }) => {
    const parts = Array.from({ length: 4 }, (_, part) => all.filter((_order, at) => at % 4 === part));
    await Promise.all(
      parts.map(async part => {
        for (const order of part) {
          const number =
            100 * ways.findIndex(w => w.typesReference === typesReference && w.waits === waits) + all.indexOf(order);
          const { payment, left, told } = await play(number, order, typesReference, waits);
          const as = order.join(", ");
          expect(left, as).toMatchObject([
            { status: "completed", kind: "stk_push", registered: true, reference: payment.reference, review: null },
          ]);
          expect(left[0].provider_refs, as).toMatchObject({
            receipt: payment.receipt,
            checkout_request_id: payment.id,
          });
          expect(
            told.filter(event => event.type === "payment.completed"),
            as,
          ).toHaveLength(1);
          for (const id of new Set(told.map(event => event.data.transaction.id))) {
            const sequences = told.filter(event => event.data.transaction.id === id).map(event => event.data.sequence);
            expect(sequences, as).toEqual(sequences.map((_, at) => at + 1));
            expect((await api(on.hakika, "GET", `/v1/transactions/${id}`)).id, as).toBe(left[0].id);
          }
        }
      }),
    );
  },
  60_000,
);
