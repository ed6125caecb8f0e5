import { type Kind, kinds, type ProviderRefs } from "../../domain/kinds.ts";
import { idOf } from "../kit/text.ts";

/** A charge and a transfer may have one reference, for the merchant chooses both: they stay two transactions. */
export function identityOfPaystack(kind: Kind, refs: ProviderRefs): string[] {
  const reference = idOf(refs.transaction_reference);
  if (reference === null) return [];
  return [`${kinds[kind].direction === "in" ? "transaction_reference" : "transfer_reference"}:${reference}`];
}
