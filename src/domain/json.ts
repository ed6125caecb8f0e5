export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * No body that a provider or a client sends nests deeper. Recursion over JSON stops here, long before the stack
 * overflows.
 */
export const jsonDepthMax = 64;

/** JSON text that is the same for any order of keys, or null for a value that nests deeper than 64. */
export function canonicalJson(value: unknown, depth = 0): string | null {
  if (depth > jsonDepthMax) return null;
  if (Array.isArray(value)) {
    const items = value.map(item => canonicalJson(item, depth + 1));
    return joined("[", "]", items);
  }
  if (!isJsonObject(value)) return JSON.stringify(value ?? null);
  const members = Object.keys(value)
    .sort()
    .map(key => {
      const text = canonicalJson(value[key], depth + 1);
      return text === null ? null : `${JSON.stringify(key)}:${text}`;
    });
  return joined("{", "}", members);
}

function joined(open: string, close: string, parts: (string | null)[]): string | null {
  return parts.includes(null) ? null : open + parts.join(",") + close;
}
