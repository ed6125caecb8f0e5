import type { ProviderRefs } from "../../domain/kinds.ts";
import { idOf } from "../kit/text.ts";

/** The merchant's own id of the transaction; Airtel's is masked in answers, so it stands in only where it is alone. */
export function identityOfAirtel(refs: ProviderRefs): string[] {
  const own = idOf(refs.transaction_id);
  const airtel = idOf(refs.airtel_id);
  if (own !== null) return [`transaction_id:${own}`];
  return airtel === null ? [] : [`airtel_id:${airtel}`];
}

/** Airtel's id, where it is not masked (`C36*******67`). */
export function airtelIdOf(value: unknown): { airtel_id?: string } {
  const id = idOf(value);
  return id === null || id.includes("*") ? {} : { airtel_id: id };
}
