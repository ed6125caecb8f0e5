import type { ProviderRefs } from "../../domain/kinds.ts";
import { idOf, receiptOf } from "./text.ts";

/**
 * Makes the standard identity texts, `name:value` for each of `names` that is there: `receipt:TJIKQ7V33N`. Values are
 * trimmed; receipts are compared in upper case.
 */
export function identityOf(...names: string[]): (refs: ProviderRefs) => string[] {
  return refs =>
    names.flatMap(name => {
      const value = name === "receipt" ? receiptOf(refs[name]) : idOf(refs[name]);
      return value === null ? [] : [`${name}:${value}`];
    });
}
