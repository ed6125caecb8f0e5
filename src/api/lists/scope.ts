import { shardOf } from "../../domain/ids.ts";
import { type Caller, merchantScope } from "../caller.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { notFound, type ProblemDetails } from "../problem.ts";
import { usedShards } from "./store.ts";

/** Where a list looks: in these shards, at this merchant's rows only (null: everybody's). */
export type ListScope = { kind: "reach"; shards: number[]; merchantId: string | null };

/**
 * How far a list reaches: a merchant's key into its own shard; the admin into that of the ids named in the query, else into
 * every shard that has a merchant.
 */
export async function listScope(
  caller: Caller,
  query: { merchant_id?: string | undefined },
  otherIds: (string | undefined)[],
  db: DrizzleQueryable,
): Promise<ListScope | ProblemDetails> {
  const own = merchantScope(caller);
  if (own !== null && query.merchant_id !== undefined && query.merchant_id !== own) return noSuchMerchant();
  const merchantId = own ?? query.merchant_id ?? null;
  const named = [merchantId ?? undefined, ...otherIds].filter(id => id !== undefined);
  const shards = [...new Set(named.map(shardOf))];
  if (shards.length > 1) return { kind: "reach", shards: [], merchantId };
  return { kind: "reach", shards: shards.length === 1 ? shards : await usedShards(db), merchantId };
}

function noSuchMerchant(): ProblemDetails {
  return notFound("There is no merchant with this merchant_id.");
}
