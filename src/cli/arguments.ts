import { InvalidArgumentError } from "commander";
import { type IdKind, idPrefixes, parseId } from "../domain/ids.ts";

const unitsMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A public id as it is typed; anything else is a mistake of usage. */
export function idOf(kind: IdKind): (text: string) => string {
  return text => {
    if (parseId(kind, text) !== null) return text;
    throw new InvalidArgumentError(`It is no ${kind} id: those are ${idPrefixes[kind]} and 32 hex digits.`);
  };
}

/** An instant as RFC 3339, or how long ago: `15m`, `2h`, `7d`. */
export function instantOf(text: string): string {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined)
    return new Date(Date.now() - Number(count) * unitsMs[unit as keyof typeof unitsMs]).toISOString();
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (!Number.isNaN(at.getTime())) return at.toISOString();
  throw new InvalidArgumentError("Write a time such as 2026-11-20T08:00:00Z, or how long ago: 15m, 2h, 7d.");
}

/** JSON, as an object. */
export function jsonOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError("Write a JSON object, in quotes.");
}

/** `name=value`, any number of times. */
export function pairsOf(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Write name=value.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

export function integerOf(min: number, max: number): (text: string) => number {
  return text => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Write a whole number from ${min} to ${max}.`);
  };
}

export function collect(text: string, before: string[] = []): string[] {
  return [...before, text];
}
