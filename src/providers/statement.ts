import type { Finding } from "../domain/evidence.ts";
import type { Kind } from "../domain/kinds.ts";
import type { NonEmpty } from "./provider.ts";

/** What a column of a statement may hold. Either `amount`, or `paid_in` and `withdrawn`. */
export const statementFields = [
  "receipt",
  "completed_at",
  "amount",
  "paid_in",
  "withdrawn",
  "reference",
  "party",
  "status",
  "balance",
  "type",
  "details",
  "linked",
] as const;
export type StatementField = (typeof statementFields)[number];

/** The texts of one line, by what they are; blank ones are left out. */
export type LineTexts = Readonly<Partial<Record<StatementField, string>>>;

/** What a statement says before its lines, where it does. Balances are texts. */
export type Preamble = {
  receiver?: string;
  from?: Date;
  to?: Date;
  openingBalance?: string;
  closingBalance?: string;
};

/**
 * What a line is about. `payment`: money came in or went out for a transaction. `charge`: the provider's fee. `sweep`:
 * the merchant's own money moved between the merchant's own accounts.
 */
export type LineNature = "payment" | "reversal" | "charge" | "sweep";

/** What a provider's texts say beyond the amounts. `comesIn`: the line's amount is positive. */
export type LineMeaning = {
  nature: LineNature;
  /** Of the transaction that an unknown receipt becomes. */
  kind: Kind;
  reference?: string;
  /** The receipt that a reversal gives back. */
  reverses?: string;
} & Pick<Finding, "phone" | "phoneMasked" | "partyName">;

/** A kind of statement that a provider gives its merchants as a file, known by the names of its columns. */
export type StatementFormat = {
  id: string;
  /**
   * The names of its columns in small letters, by what they hold; what stands in parentheses is left out. A row that
   * has the names of receipt, time and an amount is the header.
   */
  columns: Partial<Record<StatementField, NonEmpty<string>>>;
  /** Adds what one row above the header says. Pure. */
  preamble(cells: readonly string[], known: Preamble): Preamble;
};

/** Statements that people download from a provider and import here. */
export type StatementFiles = {
  formats: NonEmpty<StatementFormat>;
  /** Reads a line's texts. Pure; never throws. `country` (ISO 3166) is that of phones. */
  meaning(texts: LineTexts, comesIn: boolean, country: string): LineMeaning;
};
