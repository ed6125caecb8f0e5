import type { Connection } from "../../connections/connection.ts";
import type { Queryable } from "../../database/connect.ts";
import type { PhoneHasher } from "../../database/installation-key.ts";
import type { Money } from "../../domain/money.ts";
import type { Validation } from "../../providers/decision.ts";

/** The connection whose transactions are searched. */
type Owner = Pick<Connection, "shard" | "id">;

/** Tries at a claim that another validation won; each time there may be one more registration. */
const claimTriesMax = 20;

/**
 * Searches the registered, unfinished transactions under a reference (trimmed, in any letter case). `other amount`: all
 * of them have another amount. A registration past its `expires_at` is finished, even if it is not yet marked expired.
 */
export async function matchReference(
  sql: Queryable,
  owner: Owner,
  reference: string,
  amount: Money,
): Promise<"match" | "other amount" | "nothing"> {
  const [row] = await sql<{ fits: boolean | null }[]>`
    select
      bool_or(registration->'amount' = 'null' or (amount = ${amount.minor} and currency = ${amount.currency})) as fits
    from transactions
    where shard = ${owner.shard} and connection_id = ${owner.id}
      and lower(btrim(reference)) = lower(btrim(${reference})) and reference is not null
      and registered and merged_into is null and kind in ('c2b', 'stk_push')
      and status in ('pending', 'processing', 'unresolved') and (expires_at is null or expires_at > now())`;
  if (row?.fits == null) return "nothing";
  return row.fits ? "match" : "other amount";
}

type AirtimeValidation = Pick<Validation, "id" | "amount"> & { phone: string };

/**
 * Claims a registered, unfinished airtime transaction by phone, amount and currency. Each registration answers one
 * validation. A copy of a validation gets the same result, if it is about the same airtime.
 */
export async function claimAirtime(
  sql: Queryable,
  owner: Owner,
  validation: AirtimeValidation,
  phones: PhoneHasher,
): Promise<boolean> {
  // Registrations from before version 2 have the hash of then.
  const hashes = { now: phones.ofPhone(validation.phone), before: phones.ofPhoneBefore(validation.phone) };
  for (let tries = 0; tries < claimTriesMax; tries += 1) {
    const claim = await tryClaim(sql, owner, validation, hashes);
    if (claim !== "lost") return claim === "claimed";
  }
  return false;
}

/** `lost`: another validation claimed the registration that was found. */
async function tryClaim(
  sql: Queryable,
  { shard, id: connectionId }: Owner,
  { id, amount, phone }: AirtimeValidation,
  { now, before }: { now: Buffer; before: Buffer },
): Promise<"claimed" | "nothing" | "lost"> {
  const [row] = await sql<{ earlier: boolean | null; found: string | null }[]>`
    with earlier as (
      select (t.registration->>'phone' = ${phone} or (t.registration->>'phone' = 'true' and t.phone_hash = ${now}))
        and t.amount = ${amount.minor} and t.currency = ${amount.currency} as same
      from validation_claims c join transactions t on t.shard = ${shard} and t.id = c.transaction_id
      where c.shard = ${shard} and c.connection_id = ${connectionId} and c.question = ${id}
    ), found as (
      select t.id from transactions t
      where t.shard = ${shard} and t.connection_id = ${connectionId} and t.kind = 'airtime'
        and t.phone_hash in (${now}, ${before})
        and t.phone_hash is not null and t.registered and t.merged_into is null
        and t.status in ('pending', 'processing', 'unresolved') and (t.expires_at is null or t.expires_at > now())
        and t.registration->>'phone' in (${phone}, 'true') and t.registration->'amount' <> 'null'
        and t.amount = ${amount.minor} and t.currency = ${amount.currency}
        and not exists (
          select 1 from validation_claims c where c.shard = ${shard} and c.transaction_id = t.id)
        and not exists (select 1 from earlier)
      order by t.id desc limit 1
    )
    select (select same from earlier) as earlier, (select id from found) as found`;
  const { earlier, found } = row!;
  if (earlier !== null) return earlier ? "claimed" : "nothing";
  if (found === null) return "nothing";
  const claimed = await sql<{ transaction_id: string }[]>`
    insert into validation_claims (shard, connection_id, question, transaction_id)
    values (${shard}, ${connectionId}, ${id}, ${found})
    on conflict do nothing
    returning transaction_id`;
  return claimed.length > 0 ? "claimed" : "lost";
}

/** Releases the registration that a validation claimed. */
export async function releaseAirtime(
  sql: Queryable,
  { shard, id: connectionId }: Owner,
  validationId: string,
): Promise<void> {
  await sql`
    delete from validation_claims
    where shard = ${shard} and connection_id = ${connectionId} and question = ${validationId}`;
}
