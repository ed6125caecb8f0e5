import type { Queryable } from "../../database/connect.ts";
import type { Money } from "../../domain/money.ts";
import type { Validation } from "../../providers/decision.ts";

/** Whose transactions are looked at. */
export type Whose = { shard: number; id: string };

/** How often a claim that another question won is tried again; each time somebody got one. */
const claimTriesMax = 20;

/**
 * What is registered and unfinished under a reference (trimmed, any case). `amount` tells that there is something, but all of it with
 * another amount. What is past its `expires_at` is finished, though nobody has said so yet.
 */
export async function matchReference(
  sql: Queryable,
  whose: Whose,
  reference: string,
  amount: Money,
): Promise<"match" | "amount" | "nothing"> {
  const [row] = await sql<{ fits: boolean | null }[]>`
    select bool_or(registration->'amount' = 'null' or (amount = ${amount.minor} and currency = ${amount.currency})) as fits
    from transactions
    where shard = ${whose.shard} and connection_id = ${whose.id}
      and lower(btrim(reference)) = lower(btrim(${reference})) and reference is not null
      and registered and merged_into is null and kind in ('c2b', 'stk_push')
      and status in ('pending', 'processing', 'unresolved') and (expires_at is null or expires_at > now())`;
  if (row?.fits == null) return "nothing";
  return row.fits ? "match" : "amount";
}

type Airtime = Pick<Validation, "id" | "amount"> & { phone: string };

/**
 * Whether airtime is registered and unfinished, by phone, amount and currency. The registration is taken by this question, in the
 * same statement: each answers one. A question asked again gets the same answer, if it is about the same airtime.
 */
export async function claimAirtime(
  sql: Queryable,
  whose: Whose,
  asked: Airtime,
  phoneHash: (phone: string) => Buffer,
): Promise<boolean> {
  const hash = phoneHash(asked.phone);
  for (let tries = 0; tries < claimTriesMax; tries += 1) {
    const claimed = await tryClaim(sql, whose, asked, hash);
    if (claimed !== "raced") return claimed === "mine";
  }
  return false;
}

/** `raced`: there was one, and another question took it meanwhile; there may be a second. */
async function tryClaim(
  sql: Queryable,
  { shard, id }: Whose,
  { id: question, amount, phone }: Airtime,
  hash: Buffer,
): Promise<"mine" | "nothing" | "raced"> {
  const [row] = await sql<{ before: boolean | null; found: boolean; taken: boolean }[]>`
    with before as (
      select t.registration->>'phone' = ${phone} and t.amount = ${amount.minor} and t.currency = ${amount.currency} as same
      from validation_claims c join transactions t on t.shard = c.shard and t.id = c.transaction_id
      where c.shard = ${shard} and c.connection_id = ${id} and c.question = ${question}
    ), found as (
      select t.id from transactions t
      where t.shard = ${shard} and t.connection_id = ${id} and t.kind = 'airtime' and t.phone_hash = ${hash}
        and t.phone_hash is not null and t.registered and t.merged_into is null
        and t.status in ('pending', 'processing', 'unresolved') and (t.expires_at is null or t.expires_at > now())
        and t.registration->>'phone' = ${phone} and t.registration->'amount' <> 'null'
        and t.amount = ${amount.minor} and t.currency = ${amount.currency}
        and not exists (select from validation_claims c where c.shard = t.shard and c.transaction_id = t.id)
        and not exists (select from before)
      order by t.id desc limit 1
    ), taken as (
      insert into validation_claims (shard, connection_id, question, transaction_id)
      select ${shard}, ${id}, ${question}, id from found
      on conflict do nothing
      returning 1
    )
    select (select same from before) as before, exists (select from found) as found, exists (select from taken) as taken`;
  if (row!.before !== null) return row!.before ? "mine" : "nothing";
  if (row!.taken) return "mine";
  return row!.found ? "raced" : "nothing";
}

/** Gives a registration back: its question was answered before the claim was known. */
export async function releaseAirtime(sql: Queryable, { shard, id }: Whose, question: string): Promise<void> {
  await sql`delete from validation_claims where shard = ${shard} and connection_id = ${id} and question = ${question}`;
}
