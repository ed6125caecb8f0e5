import { type Kind, kinds } from "../../domain/kinds.ts";
import type { LineMeaning, LineTexts, StatementFiles } from "../statement.ts";
import { shownPhone } from "./shown-phone.ts";
import { receiptOf, shortTextOf } from "./text.ts";

/**
 * Reads the lines of any statement by its column `type` alone: a fee, a reversal, else a payment. `known` are the
 * provider's kinds.
 */
export function plainMeaning(known: readonly Kind[]): StatementFiles["meaning"] {
  return (texts, comesIn, country) => ({
    nature: natureOf(texts.type ?? ""),
    kind: kindOf(known, comesIn),
    ...partyAndReference(texts, country),
  });
}

function natureOf(type: string): LineMeaning["nature"] {
  if (/\b(charges?|fees?|commission)\b/i.test(type)) return "charge";
  return /revers|refund/i.test(type) ? "reversal" : "payment";
}

function kindOf(known: readonly Kind[], comesIn: boolean): Kind {
  if (comesIn && known.includes("payment")) return "payment";
  const fallback: Kind = comesIn ? "payment" : "b2b";
  return known.find(kind => kinds[kind].direction === (comesIn ? "in" : "out") && kind !== "reversal") ?? fallback;
}

/** What the columns of their own say of the other side. */
export function partyAndReference({ reference, party, linked }: LineTexts, country: string): Partial<LineMeaning> {
  const typed = shortTextOf(reference);
  const reverses = receiptOf(linked);
  const number = shownPhone(party, country);
  const name = Object.keys(number).length === 0 ? shortTextOf(party) : null;
  return {
    ...(typed !== null && { reference: typed }),
    ...(reverses !== null && { reverses }),
    ...(number.phone !== undefined && { phone: number.phone }),
    ...(number.phoneMasked !== undefined && { phoneMasked: number.phoneMasked }),
    ...(name !== null && { partyName: name }),
  };
}
