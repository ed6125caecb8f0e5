/** What a column and an index can hold of a provider's id; real ones have up to 60 characters. */
const idCharsMax = 200;
/** Longest text kept of a description or a detail; the raw body has the rest. */
const textCharsMax = 1000;

/** NUL and lone surrogates, which PostgreSQL's text and JSON refuse. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what it looks for
const unstorable = /[\u0000\p{Surrogate}]/gu;
/** An id with one of these was damaged on its way, or made to confuse. U+FFFD is what a broken byte decodes to. */
const notAnId = /[\p{Control}\p{Surrogate}\uFFFD]/u;

/**
 * Text, number or boolean as trimmed text that can be stored, cut at 1,000 characters; null for anything else and for
 * blanks.
 */
export function textOf(value: unknown): string | null {
  return storable(value, textCharsMax);
}

/** The same, cut at 200 characters: a name, or a reference that people type and an index holds. */
export function shortTextOf(value: unknown): string | null {
  return storable(value, idCharsMax);
}

/**
 * A provider's id as text: at most 200 characters, none of them a control character or broken; null for anything else.
 */
export function idOf(value: unknown): string | null {
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string" || text.length > 2 * idCharsMax) return null;
  const id = text.trim();
  return id === "" || id.length > idCharsMax || notAnId.test(id) ? null : id;
}

/** A receipt as it is compared: trimmed, upper case. */
export function receiptOf(value: unknown): string | null {
  return idOf(value)?.toUpperCase() ?? null;
}

/** The entries that have a text: what a finding's `details` and `refs` are made of. Undefined where none has. */
export function present<K extends string>(entries: Record<K, unknown>): Partial<Record<K, string>> | undefined {
  const kept = Object.entries(entries).flatMap(([name, value]) => {
    const text = textOf(value);
    return text === null ? [] : [[name, text] as const];
  });
  return kept.length === 0 ? undefined : (Object.fromEntries(kept) as Partial<Record<K, string>>);
}

function storable(value: unknown, charsMax: number): string | null {
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return String(value);
  if (typeof value !== "string") return null;
  const text = value.trim().slice(0, charsMax).replace(unstorable, "\uFFFD").trimEnd();
  return text === "" ? null : text;
}
