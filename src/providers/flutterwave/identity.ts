import { type Kind, kinds, type ProviderRefs } from "../../domain/kinds.ts";
import { idOf } from "../kit/text.ts";

/**
 * A payer may try again under one `tx_ref`, and each try has an id of its own, so that id counts as a receipt: one
 * transaction may have several. Transfers are numbered apart from charges.
 */
export function identityOfFlutterwave(kind: Kind, refs: ProviderRefs): string[] {
  const txRef = idOf(refs.tx_ref);
  const id = idOf(refs.flw_id);
  if (kinds[kind].direction === "out") {
    if (txRef !== null) return [`transfer_ref:${txRef}`];
    return id === null ? [] : [`transfer_id:${id}`];
  }
  return [...(txRef === null ? [] : [`tx_ref:${txRef}`]), ...(id === null ? [] : [`receipt:${id.toUpperCase()}`])];
}
