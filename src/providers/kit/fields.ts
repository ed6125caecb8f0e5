/**
 * Looks up the first of `names` that is there: not undefined, null or blank text. Letter case of keys does not matter.
 */
export type Fields = (...names: string[]) => unknown;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Tolerant access to an object's own fields; anything else has none. The exact spelling wins; among other spellings the
 * first in code unit order, so that the order of keys decides nothing.
 */
export function fieldsOf(value: unknown): Fields {
  if (!isObject(value)) return () => undefined;
  let folded: Map<string, string> | null = null;
  const spelledOtherwise = (name: string) => {
    if (folded === null) folded = spellings(value);
    return folded.get(name.toLowerCase());
  };
  return (...names) => {
    for (const name of names) {
      const exact = Object.hasOwn(value, name) && !isBlank(value[name]);
      const key = exact ? name : spelledOtherwise(name);
      if (key !== undefined) return value[key];
    }
    return undefined;
  };
}

/** Follows names down nested objects: `fieldsAt(body, "Body", "stkCallback")`. */
export function fieldsAt(value: unknown, ...path: string[]): Fields {
  return fieldsOf(path.reduce((inner, name) => fieldsOf(inner)(name), value));
}

/** One or many as many: providers send a list of one as the thing itself. Missing is none. */
export function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
}

function spellings(object: Record<string, unknown>): Map<string, string> {
  const folded = new Map<string, string>();
  for (const key of Object.keys(object)) {
    const name = key.toLowerCase();
    const other = folded.get(name);
    if (isBlank(object[key]) || (other !== undefined && other < key)) continue;
    folded.set(name, key);
  }
  return folded;
}
