import { refNamesOf } from "../../providers/names.ts";
import type { Provider } from "../../providers/provider.ts";
import type { FieldError } from "../problem.ts";

/** The errors of names in `provider_refs` that no provider has, with the name that was meant where that is plain. */
export function unknownRefs(names: string[], providers: ReadonlyMap<string, Provider>): FieldError[] {
  const known = refNamesOf(providers.values());
  const unknown = names.filter(name => !known.includes(name));
  return unknown.map(name => {
    const meant = known.find(each => lettersOf(each) === lettersOf(name));
    const help = meant === undefined ? `there are ${known.join(", ")}` : `did you mean ${meant}?`;
    return { path: `provider_refs.${name}`, message: `is not a field here: ${help}` };
  });
}

/** A name without what its spelling adds: `CheckoutRequestID` is meant as `checkout_request_id`. */
function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}
