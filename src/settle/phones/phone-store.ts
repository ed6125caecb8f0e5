import type { Tx } from "../../database/connect.ts";
import { openPhone } from "../personal-part.ts";

/** A merchant's number by its keyed hash, in hex. */
type PhoneKey = { merchantId: string; key: string };

/** The registered numbers that have the keys. */
export async function phonesOfKeys(tx: Tx, shard: number, keys: PhoneKey[]): Promise<(PhoneKey & { phone: string })[]> {
  if (keys.length === 0) return [];
  const rows = await tx<(PhoneKey & { id: string; sealed: Uint8Array | null; phone: string | null })[]>`
    select q.merchant_id as "merchantId", q.key, t.id, t.sealed, t.phone
    from unnest(${keys.map(k => k.merchantId)}::uuid[], ${keys.map(k => k.key)}::text[]) as q (merchant_id, key)
    cross join lateral (
      select id, sealed, phone from transactions
      where shard = ${shard} and merchant_id = q.merchant_id and phone_hash = decode(q.key, 'hex')
        and phone_hash is not null and (has_phone or phone is not null) and registered
      order by id desc limit 1
    ) t`;
  return rows.flatMap(({ merchantId, key, ...row }) => {
    const phone = openPhone(row, tx.vault);
    return phone === null ? [] : { merchantId, key, phone };
  });
}

/** Payments that were kept at most per number: a number that pays daily for years is not rewritten at once. */
const paymentsMax = 1_000;

/**
 * The transactions without a number that have the key. `position` is that of the key. One whose number was erased does
 * not get it back.
 */
export async function transactionsOfPhones(
  tx: Tx,
  shard: number,
  keys: PhoneKey[],
): Promise<{ id: string; position: number }[]> {
  if (keys.length === 0) return [];
  return await tx<{ id: string; position: number }[]>`
    select t.id, (q.position - 1)::int as position
    from unnest(${keys.map(k => k.merchantId)}::uuid[], ${keys.map(k => k.key)}::text[])
      with ordinality as q (merchant_id, key, position)
    cross join lateral (
      select id from transactions
      where shard = ${shard} and merchant_id = q.merchant_id and phone_hash = decode(q.key, 'hex')
        and phone_hash is not null and not has_phone and phone is null and merged_into is null and erased_at is null
      order by id desc limit ${paymentsMax}
    ) t`;
}
