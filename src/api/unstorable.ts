import type { FieldError } from "./problem.ts";

/** No body of this API nests deeper. The bound protects recursive code that runs later. */
const depthMax = 40;

/** NUL and lone surrogates, which PostgreSQL's text and JSON refuse. */
const unstorable = /\p{Surrogate}|\0/u;

/**
 * The first value in parsed JSON that PostgreSQL cannot store (NUL, lone surrogates) or that later code cannot take
 * (the name `__proto__`, nesting deeper than 40); null where there is none. Not recursive: 1 MiB of `[` nests 500,000
 * deep.
 */
export function findUnstorable(root: object): FieldError | null {
  const waiting: { value: object; path: string; depth: number }[] = [{ value: root, path: "", depth: 1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, path, depth } = next;
    if (depth > depthMax) return { path: path.slice(0, 200), message: `is nested deeper than ${depthMax} levels` };
    for (const [name, field] of Object.entries(value)) {
      const at = path === "" ? name : `${path}.${name}`;
      if (unstorable.test(name)) return { path, message: "has a name with a NUL character or half a surrogate pair" };
      if (name === "__proto__") return { path: at, message: "cannot be used as a name" };
      if (typeof field === "string" && unstorable.test(field)) {
        return { path: at, message: "has a NUL character or half a surrogate pair: leave it out" };
      }
      if (typeof field === "object" && field !== null) waiting.push({ value: field, path: at, depth: depth + 1 });
    }
  }
  return null;
}
