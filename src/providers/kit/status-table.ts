import type { Says } from "../../domain/evidence.ts";

/** What each of a provider's codes or statuses says of a transaction. Words are lower case, codes as sent. */
export type StatusTable = Readonly<Record<string, Says>>;

/** What a code says, by its exact spelling or in lower case; `unknown` where the table does not have it. */
export function saysOf(table: StatusTable, code: string, unknown: Says): Says {
  if (Object.hasOwn(table, code)) return table[code]!;
  const word = code.toLowerCase();
  return Object.hasOwn(table, word) ? table[word]! : unknown;
}
