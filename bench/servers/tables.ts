import type { Sql } from "postgres";

/** What the do-it-yourself pipeline and the floor keep, in three plain tables with the indexes that they use. */
export async function makeTables(sql: Sql): Promise<void> {
  await sql`create table if not exists diy_callbacks (
    id bigint generated always as identity primary key, key text not null unique, headers jsonb not null,
    body jsonb not null, received_at timestamptz not null default now(), settled_at timestamptz)`;
  await sql`create table if not exists diy_payments (
    checkout_request_id text primary key, status text not null, amount numeric(12, 2), receipt text,
    version int not null default 1, updated_at timestamptz not null default now())`;
  await sql`create table if not exists diy_events (
    id uuid primary key default gen_random_uuid(), checkout_request_id text not null, body text not null,
    delivered_at timestamptz, created_at timestamptz not null default now())`;
}

export type StkCallback = { CheckoutRequestID: string; ResultCode: number; CallbackMetadata?: { Item: Item[] } };
type Item = { Name: string; Value?: string | number };

export function itemOf(callback: StkCallback, name: string): string | null {
  const value = callback.CallbackMetadata?.Item.find(item => item.Name === name)?.Value;
  return value === undefined ? null : String(value);
}

/** An event about as long as Hakika's. */
export function eventText(id: string, callback: StkCallback): string {
  return JSON.stringify({
    id,
    type: callback.ResultCode === 0 ? "payment.completed" : "payment.failed",
    created_at: new Date().toISOString(),
    data: {
      transaction: {
        status: callback.ResultCode === 0 ? "completed" : "failed",
        provider_refs: {
          checkout_request_id: callback.CheckoutRequestID,
          receipt: itemOf(callback, "MpesaReceiptNumber"),
        },
        amount: itemOf(callback, "Amount"),
        currency: "KES",
        phone: itemOf(callback, "PhoneNumber"),
        details: "x".repeat(500),
      },
    },
  });
}
