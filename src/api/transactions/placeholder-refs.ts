import type { ProviderRefs } from "../../domain/kinds.ts";
import type { Provider } from "../../providers/provider.ts";
import type { FieldError } from "../problem.ts";

/** What programs and providers write where there is no id. Africa's Talking answers `None` for a refused recipient. */
const placeholders = new Set(["none", "null", "undefined", "nil", "nan", "n/a", "-"]);

/** The transaction id of a failed Daraja result is zeros or made up; a run of zeros is no provider's id. */
const onlyZeros = /^0+$/;

/**
 * The errors of ids that are none. Registered as ids they would make one transaction of all that have them, so they
 * are refused.
 */
export function placeholderErrors(refs: ProviderRefs, { name, placeholderRefs = [] }: Provider): FieldError[] {
  const own = new Set(placeholderRefs.map(text => text.toLowerCase()));
  return Object.entries(refs)
    .filter(([, value]) => isPlaceholder(value.toLowerCase()) || own.has(value.toLowerCase()))
    .map(([ref, value]) => ({
      path: `provider_refs.${ref}`,
      message: `is no id: ${name} has given none where it says ${JSON.stringify(value)}. Leave it out`,
    }));
}

function isPlaceholder(value: string): boolean {
  return placeholders.has(value) || onlyZeros.test(value);
}
