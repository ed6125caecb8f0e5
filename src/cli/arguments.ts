import { InvalidArgumentError } from "commander";
import { type IdKind, idPrefixes, parseId } from "../domain/ids.ts";
import { isJsonObject, type JsonObject } from "../domain/json.ts";

const unitsMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Parses a public id; any other text is a usage error. */
export function idOf(kind: IdKind): (text: string) => string {
  return text => {
    if (parseId(kind, text) !== null) return text;
    throw new InvalidArgumentError(`It is not a ${kind} id: those are ${idPrefixes[kind]} and 32 hex digits.`);
  };
}

/** Parses a time in RFC 3339, or a time ago such as `15m`, `2h`, `7d`. */
export function instantOf(text: string): string {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined)
    return new Date(Date.now() - Number(count) * unitsMs[unit as keyof typeof unitsMs]).toISOString();
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (!Number.isNaN(at.getTime())) return at.toISOString();
  throw new InvalidArgumentError("Write a time such as 2026-11-20T08:00:00Z, or a time ago such as 15m, 2h, 7d.");
}

/** Parses a JSON object. */
export function jsonOf(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // The error below says it.
  }
  throw new InvalidArgumentError("Write a JSON object, in quotes.");
}

/** Parses `name=value` and adds it to the earlier ones. */
export function pairsOf(text: string, earlier: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Write name=value.");
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Parses a whole number within bounds. */
export function integerOf(min: number, max: number): (text: string) => number {
  return text => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Write a whole number from ${min} to ${max}.`);
  };
}

/** Adds a value to the earlier ones, for a flag that may be repeated. */
export function collect(text: string, earlier: string[] = []): string[] {
  return [...earlier, text];
}

/** Parses a share: more than 0, at most 1. */
export function shareOf(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError("Write a share of more than 0 and at most 1, such as 0.1.");
}

/** Parses an amount as text, as the API takes it. */
export function amountOf(text: string): string {
  if (/^\d{1,15}(\.\d{1,4})?$/.test(text)) return text;
  throw new InvalidArgumentError("Write an amount such as 5000 or 5000.00.");
}
