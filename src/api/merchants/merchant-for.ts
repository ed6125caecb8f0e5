import { shardOf } from "../../domain/ids.ts";
import { type Caller, merchantScope } from "../caller.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { invalid, notFound, type ProblemDetails } from "../problem.ts";
import { findMerchant } from "./store.ts";

/** The merchant that will own a new connection or endpoint. */
export type MerchantOwner = { kind: "owner"; shard: number; merchantId: string };

/** The merchant of the caller's key, or the one that the admin names by `merchant_id`. */
export async function merchantFor(
  caller: Caller,
  named: string | undefined,
  db: DrizzleQueryable,
): Promise<MerchantOwner | ProblemDetails> {
  const own = merchantScope(caller);
  const merchantId = named ?? own;
  if (merchantId === null) {
    return invalid([
      { path: "merchant_id", message: "is required with the admin key: send the merchant's id (mer_...)" },
    ]);
  }
  const exists = own === null ? (await findMerchant(db, merchantId, null)) !== null : merchantId === own;
  if (!exists) return notFound("There is no merchant with this merchant_id.");
  return { kind: "owner", shard: shardOf(merchantId), merchantId };
}
