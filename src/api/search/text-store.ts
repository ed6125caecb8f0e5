import { type SQL, sql } from "drizzle-orm";
import type { PhoneHasher } from "../../database/installation-key.ts";
import { formatMoney } from "../../domain/money.ts";
import type { Hit, SearchScope } from "./hit.ts";
import { phonesOf } from "./phones-of.ts";

/** A beginning of fewer characters is everybody's. */
const beginningMin = 4;
/** Receipts with one beginning, read at most, those of other merchants in the shard included. */
const beginningsReadMax = 5_000;

type TransactionRow = {
  id: string;
  merchant_id: string;
  kind: string;
  status: string;
  amount: string | null;
  currency: string | null;
  reference: string | null;
  value?: string;
};

/**
 * Transactions of a shard by a query for their ids (`transaction_id`), newest first. Each id is looked up by itself:
 * named in one list, the planner was seen to walk a million rows for the newest of them.
 */
export async function transactionHits(
  { db, shard, merchantId, count }: SearchScope,
  ids: SQL,
  matched: Hit["matched"],
  isExact: boolean,
): Promise<Hit[]> {
  const own = merchantId === null ? sql`` : sql`and merchant_id = ${merchantId}`;
  const rows = await db.execute<TransactionRow>(sql`
    select t.* from (${ids}) as found cross join lateral (
      select id, merchant_id, kind, status, amount::text, currency, reference from transactions
      where shard = ${shard} and id = found.transaction_id and merged_into is null ${own} limit 1
    ) as t
    order by t.id desc limit ${count}`);
  return [...rows].map(row => hitOf(row, matched, isExact));
}

/** By one of the provider's ids, in any letter case: the whole of it, or its beginning. */
export async function refHits(scope: SearchScope, q: string, how: "exact" | "beginning"): Promise<Hit[]> {
  const { shard } = scope;
  if (how === "exact") {
    const ids = sql`select transaction_id from transaction_refs where shard = ${shard} and value = lower(${q})`;
    return transactionHits(scope, ids, "provider_ref", true);
  }
  if (q.length < beginningMin) return [];
  // In the order of bytes, the last text that begins so is below the beginning with the highest character.
  const ids = sql`
    select distinct transaction_id from (
      select transaction_id from transaction_refs
      where shard = ${shard} and value >= lower(${q}) and value < lower(${q}) || chr(1114111)
      order by value limit ${beginningsReadMax}
    ) as beginning`;
  return transactionHits(scope, ids, "provider_ref", false);
}

/** By the merchant's own reference, trimmed and in any letter case. The index begins with the connection. */
export async function referenceHits(scope: SearchScope, q: string): Promise<Hit[]> {
  const { shard, merchantId, count } = scope;
  const own = merchantId === null ? sql`` : sql`and c.merchant_id = ${merchantId}`;
  const ids = sql`
    select t.id as transaction_id from connections c cross join lateral (
      select p.id from transactions p
      where p.shard = ${shard} and p.connection_id = c.id and p.reference is not null
        and lower(btrim(p.reference)) = lower(btrim(${q}))
      order by p.id desc limit ${count}
    ) t where c.shard = ${shard} ${own}`;
  return transactionHits(scope, ids, "reference", true);
}

/** By the keyed hash of the phone, whichever way it is written. */
export async function phoneHits(scope: SearchScope, q: string, phones: PhoneHasher): Promise<Hit[]> {
  const numbers = phonesOf(q);
  if (numbers.length === 0) return [];
  const hashes = sql.join(
    numbers
      .flatMap(phone => [phones.ofPhone(phone), phones.ofPhoneBefore(phone)])
      .map(hash => sql`decode(${hash.toString("hex")}, 'hex')`),
    sql`, `,
  );
  const { shard, merchantId, count } = scope;
  // The index begins with the merchant.
  const own = merchantId === null ? sql`` : sql`and m.id = ${merchantId}`;
  const ids = sql`
    select t.id as transaction_id from merchants m cross join lateral (
      select id from transactions p
      where p.shard = ${shard} and p.merchant_id = m.id and p.phone_hash in (${hashes})
      order by id desc limit ${count}
    ) t where m.shard = ${shard} ${own}`;
  return transactionHits(scope, ids, "phone", true);
}

/** By a receipt inside the body of a callback in quarantine. */
export async function quarantineHits({ db, shard, merchantId, count }: SearchScope, q: string): Promise<Hit[]> {
  const own = merchantId === null ? sql`` : sql`and c.merchant_id = ${merchantId}`;
  const rows = await db.execute<{ id: string; merchant_id: string; provider: string; channel: string }>(sql`
    select c.id, c.merchant_id, c.provider, c.channel
    from quarantined_words w
    join callback_readings r on r.shard = ${shard} and r.callback_id = w.callback_id and r.state = 'quarantined'
    join callbacks c on c.shard = ${shard} and c.id = w.callback_id
    where w.shard = ${shard} and w.word = ${q.toUpperCase()} ${own}
    order by w.callback_id desc limit ${count}`);
  return [...rows].map(row => ({
    kind: "callback",
    type: "callback",
    uuid: row.id,
    merchantId: row.merchant_id,
    title: `${row.provider} ${row.channel} in quarantine`,
    matched: "quarantined_body",
    isExact: true,
  }));
}

function hitOf(row: TransactionRow, matched: Hit["matched"], isExact: boolean): Hit {
  const { kind, status, amount, currency, reference } = row;
  const money =
    amount === null || currency === null ? null : `${formatMoney({ minor: BigInt(amount), currency })} ${currency}`;
  const head = [kind, status, money].filter(part => part !== null).join(" ");
  return {
    kind: "transaction",
    type: "transaction",
    uuid: row.id,
    merchantId: row.merchant_id,
    title: reference === null ? head : `${head} · ${reference}`,
    matched,
    isExact,
  };
}
