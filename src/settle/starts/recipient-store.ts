import type { Tx } from "../../database/connect.ts";
import { isFinal, type Kind, statuses } from "../../domain/kinds.ts";
import type { Money } from "../../domain/money.ts";

/** A start that a callback without a known id may be about. `hashes`: keyed, in hex. */
export type RecipientSearch = {
  connectionId: string;
  kinds: Kind[];
  hashes: string[];
  /** The registered amount, where both are known. */
  amount: Money | null;
  /** Names of the ids that the callback has: a start with an id of such a name is another transaction. */
  idNames: string[];
};

const unfinished = statuses.filter(status => !isFinal(status));
/** A callback that comes later than this is about something else: polls have given up by then. */
const hoursMax = 48;

/** The unfinished starts of each search, by its position, the oldest first. */
export async function startsByRecipient(
  tx: Tx,
  shard: number,
  searches: RecipientSearch[],
): Promise<{ position: number; id: string; kind: Kind }[]> {
  return await tx<{ position: number; id: string; kind: Kind }[]>`
    select q.position, t.id, t.kind
    from jsonb_to_recordset(${JSON.stringify(
      searches.map(({ connectionId, kinds, hashes, amount, idNames }, position) => ({
        position,
        connection_id: connectionId,
        kinds,
        hashes,
        amount: amount?.minor.toString() ?? null,
        currency: amount?.currency ?? null,
        id_names: idNames,
      })),
    )}::text::jsonb) as q (position int, connection_id uuid, kinds text[], hashes text[], amount bigint, currency text,
      id_names text[])
    cross join lateral unnest(q.hashes) as hash
    join starts s on s.shard = ${shard} and s.recipient_hash = decode(hash, 'hex') and s.recipient_hash is not null
    join transactions t on t.shard = ${shard} and t.id = s.transaction_id
    where t.connection_id = q.connection_id and t.kind = any(q.kinds) and t.merged_into is null
      and t.status = any(${unfinished}::text[]) and t.created_at > now() - make_interval(hours => ${hoursMax})
      and (q.amount is null or t.registration->'amount' = 'null'
        or ((t.registration->'amount'->>'minor')::bigint = q.amount
          and t.registration->'amount'->>'currency' = q.currency))
      and not exists (select 1 from transaction_keys k where k.shard = ${shard} and k.transaction_id = t.id
        and split_part(k.key, ':', 1) = any(q.id_names))
    order by q.position, t.id`;
}
