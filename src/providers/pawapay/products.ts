import type { Kind, ProviderRefs } from "../../domain/kinds.ts";
import { fieldsOf } from "../kit/fields.ts";
import { idOf } from "../kit/text.ts";

/** pawaPay's products: the name of the id and of the other side in a body, the id's name here, and the kind. */
export const products = {
  deposits: { id: "depositId", ref: "deposit_id", kind: "checkout", party: "payer" },
  payouts: { id: "payoutId", ref: "payout_id", kind: "mobile_payout", party: "recipient" },
  refunds: { id: "refundId", ref: "refund_id", kind: "reversal", party: "recipient" },
} as const satisfies Record<string, { id: string; ref: string; kind: Kind; party: string }>;

export type PawapayProduct = keyof typeof products;

export function productOf(kind: Kind): PawapayProduct {
  if (kind === "reversal") return "refunds";
  return kind === "mobile_payout" ? "payouts" : "deposits";
}

/** The product of a body, by its id: a refund names its deposit, too, and a checkout has its deposit inside. */
export function productIn(body: Record<string, unknown>): PawapayProduct | null {
  const field = fieldsOf(body);
  if (field("checkoutId") !== undefined) return "deposits";
  if (field("payoutId") !== undefined) return "payouts";
  if (field("refundId") !== undefined) return "refunds";
  return field("depositId") === undefined ? null : "deposits";
}

/**
 * The id of the product. A deposit's id is its receipt as well: a refund names it, and settling finds the payment that
 * a refund gives back by the receipt (Finding.reverses).
 */
export function identityOfPawapay(kind: Kind, refs: ProviderRefs): string[] {
  const { ref } = products[productOf(kind)];
  const id = idOf(refs[ref]);
  if (id === null) return [];
  return ref === "deposit_id" ? [`${ref}:${id}`, `receipt:${id.toUpperCase()}`] : [`${ref}:${id}`];
}
