import type { FieldError } from "./problem.ts";

/** Deeper than any body of this API; bounds what recursive code behind has to bear. */
const depthMax = 40;

/** NUL and lone surrogates: PostgreSQL's text and JSON refuse them. */
const unstorable = /\p{Surrogate}|\0/u;

/**
 * The first thing in parsed JSON that the database could not keep or code behind must not meet: characters PostgreSQL refuses,
 * the name `__proto__`, nesting beyond 40. Walks with a list, not by recursion: a megabyte of `[` is 500,000 deep.
 */
export function findUnstorable(root: object): FieldError | null {
  const waiting: { value: object; path: string; depth: number }[] = [{ value: root, path: "", depth: 1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, path, depth } = next;
    if (depth > depthMax) return { path: path.slice(0, 200), message: `is nested deeper than ${depthMax} levels` };
    for (const [name, field] of Object.entries(value)) {
      const at = path === "" ? name : `${path}.${name}`;
      if (unstorable.test(name)) return { path, message: "a name in it has a NUL or half a surrogate pair" };
      if (name === "__proto__") return { path: at, message: "cannot be used as a name" };
      if (typeof field === "string" && unstorable.test(field)) {
        return { path: at, message: "has a NUL character or half a surrogate pair: leave it out" };
      }
      if (typeof field === "object" && field !== null) waiting.push({ value: field, path: at, depth: depth + 1 });
    }
  }
  return null;
}
