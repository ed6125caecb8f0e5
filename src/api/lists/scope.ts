import { shardOf } from "../../domain/ids.ts";
import { type Caller, merchantScope } from "../caller.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { notFound, type ProblemDetails } from "../problem.ts";
import { usedShards } from "./store.ts";

/** The shards that a list reads, and the merchant whose rows it shows (null: every merchant's). */
export type ListScope = { kind: "scope"; shards: number[]; merchantId: string | null };

/**
 * The scope of a list: with a merchant's key the merchant's shard; with the admin key the shard of the ids in the
 * query, or every shard that has a merchant. Ids of different shards have no rows in common.
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
  if (shards.length > 1) return { kind: "scope", shards: [], merchantId };
  return { kind: "scope", shards: shards.length === 1 ? shards : await usedShards(db), merchantId };
}

function noSuchMerchant(): ProblemDetails {
  return notFound("There is no merchant with this merchant_id.");
}
