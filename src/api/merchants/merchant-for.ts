import { shardOf } from "../../domain/ids.ts";
import { type Caller, merchantScope } from "../caller.ts";
import type { DrizzleQueryable } from "../deps.ts";
import { invalid, notFound, type ProblemDetails } from "../problem.ts";
import { findMerchant } from "./store.ts";

/** The merchant that something new will belong to. */
export type MerchantOwner = { kind: "owner"; shard: number; merchantId: string };

/** A key's own merchant, or the one the admin names. Another's is as good as none. */
export async function merchantFor(
  caller: Caller,
  named: string | undefined,
  db: DrizzleQueryable,
): Promise<MerchantOwner | ProblemDetails> {
  const own = merchantScope(caller);
  const merchantId = named ?? own;
  if (merchantId === null) {
    return invalid([{ path: "merchant_id", message: "is required with the admin key: name the merchant (mer_...)" }]);
  }
  const visible = own === null ? (await findMerchant(db, merchantId)) !== null : merchantId === own;
  if (!visible) return notFound("There is no merchant with this merchant_id.");
  return { kind: "owner", shard: shardOf(merchantId), merchantId };
}
