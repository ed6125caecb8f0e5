import { type Money, type ParsedMoney, parseAmount } from "../../domain/money.ts";
import type { FieldProblem, NonEmpty, Reading } from "../provider.ts";
import { idOf, textOf } from "./text.ts";

/** Collects what is wrong with a body while it is read. Messages name fields, never their values. */
export type Problems = {
  add(path: string, message: string): void;
  /** The id at `path`, which has to be there; the empty text after a problem. */
  id(path: string, value: unknown): string;
  /** The text at `path`, which has to be there; the empty text after a problem. */
  text(path: string, value: unknown): string;
  /**
   * The amount at `path` if there is one. What is there has to be exact: an amount that cannot be read must not go
   * unmatched. Without a currency (`currencyIn`) no amount is one.
   */
  amount(path: string, value: unknown, currency: string | null): Money | undefined;
  /** Money parsed elsewhere (`KES 100.0000`), under the same rule. */
  money(path: string, parsed: ParsedMoney): Money | undefined;
  /** What was found wrong, or null. */
  found(): { kind: "unreadable"; problems: NonEmpty<FieldProblem> } | null;
};

export function collectProblems(): Problems {
  const list: FieldProblem[] = [];
  const add = (path: string, message: string) => void list.push({ path, message });
  const need = (path: string, value: unknown, read: (value: unknown) => string | null) => {
    const text = read(value);
    if (text === null) add(path, isMissing(value) ? "required" : "not a usable text or number");
    return text ?? "";
  };
  const money = (path: string, parsed: ParsedMoney) => {
    if (parsed.ok) return parsed.money;
    add(path, parsed.message);
    return undefined;
  };
  return {
    add,
    money,
    id: (path, value) => need(path, value, idOf),
    text: (path, value) => need(path, value, textOf),
    amount(path, value, currency) {
      if (isMissing(value)) return undefined;
      if (currency !== null) return money(path, parseAmount(value, currency));
      add(path, "the connection's setting country is no country of ISO 3166, so the amount has no currency");
      return undefined;
    },
    found: () => {
      const [first, ...rest] = list;
      return first ? { kind: "unreadable", problems: [first, ...rest] } : null;
    },
  };
}

/** A reading that failed for one reason. */
export function unreadable(path: string, message: string): Reading {
  return { kind: "unreadable", problems: [{ path, message }] };
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
}
