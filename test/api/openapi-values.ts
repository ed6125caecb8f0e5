import fc, { type Arbitrary } from "fast-check";
import type { Json } from "./harness.ts";

/** Values that a schema of the document allows, and values that it excludes, each one mistake away from an allowed one. */
export function valuesOf(document: Json) {
  const resolve = (schema: Json): Json =>
    schema.$ref ? resolve(document.components.schemas[schema.$ref.split("/").at(-1)]) : schema;

  function allowed(given: Json, depth = 0): Arbitrary<unknown> {
    const schema = resolve(given);
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const alternatives = schema.anyOf ?? schema.oneOf;
    if (alternatives) return fc.oneof(...alternatives.map((each: Json) => allowed(each, depth)));
    const [type] = [schema.type].flat();
    switch (type) {
      case "string":
        return text(schema);
      case "integer":
        return fc.integer({ min: schema.minimum ?? -1_000, max: Math.min(schema.maximum ?? 1_000_000, 2 ** 31 - 1) });
      case "number":
        return fc.integer({ min: Math.max(1, schema.minimum ?? 1), max: Math.min(schema.maximum ?? 1_000, 1_000) });
      case "boolean":
        return fc.boolean();
      case "null":
        return fc.constant(null);
      case "array":
        return fc.array(allowed(schema.items ?? {}, depth + 1), {
          minLength: schema.minItems ?? 0,
          maxLength: Math.min(schema.maxItems ?? 3, 3),
        });
      case "object":
        return object(schema, depth);
      default:
        return fc.oneof(fc.string(), fc.integer(), fc.boolean());
    }
  }

  function text(schema: Json): Arbitrary<string> {
    if (schema.format === "date-time") {
      const bounds = {
        min: new Date("2000-01-01T00:00:00Z"),
        max: new Date("2090-01-01T00:00:00Z"),
        noInvalidDate: true,
      };
      return fc.date(bounds).map(date => date.toISOString());
    }
    if (schema.format === "email") return fc.constantFrom("ops@example.com", "a.b@example.org");
    const patterns = [schema.pattern, ...(schema.allOf ?? []).map(({ pattern }: Json) => pattern)].filter(Boolean);
    const [first, ...more] = patterns.map(pattern => new RegExp(pattern, "u"));
    const minLength = schema.minLength ?? 0;
    const maxLength = Math.min(schema.maxLength ?? minLength + 40, minLength + 40);
    const base: Arbitrary<string> = first
      ? fromPattern(first, { minLength, maxLength })
      : fc.string({ minLength, maxLength });
    return base.filter(
      value =>
        value.length >= minLength && value.length <= maxLength + 20 && more.every(pattern => pattern.test(value)),
    );
  }

  /** `stringMatching` knows no look-ahead: what it makes without one is filtered. */
  function fromPattern(pattern: RegExp, length: { minLength: number; maxLength: number }): Arbitrary<string> {
    if (pattern.source === "^[^\\u0000]*$") return fc.string(length);
    const plain = new RegExp(pattern.source.replace("(?=.*[1-9])", ""), "u");
    return fc
      .stringMatching(plain, { size: "small" })
      .filter(value => pattern.test(value) && !/[\0\ud800-\udfff]/.test(value));
  }

  function object(schema: Json, depth: number): Arbitrary<unknown> {
    const required: string[] = schema.required ?? [];
    const members = Object.entries<Json>(schema.properties ?? {}).filter(
      ([name]) => depth < 4 || required.includes(name),
    );
    const fields = Object.fromEntries(members.map(([name, member]) => [name, allowed(member, depth + 1)]));
    return fc.record(fields, { requiredKeys: required });
  }

  /** What breaks an object of the schema: an unknown name, a type, a bound, a missing field. */
  function mistakes(given: Json): ((value: Record<string, unknown>) => Record<string, unknown>)[] {
    const schema = resolve(given);
    const made: ((value: Record<string, unknown>) => Record<string, unknown>)[] = [];
    if (schema.additionalProperties === false) {
      made.push(
        value => ({ ...value, zzz: 1 }),
        value => ({ ...value, zzz: null }),
      );
    }
    for (const name of schema.required ?? []) made.push(({ [name]: _, ...rest }) => rest);
    for (const [name, member] of Object.entries<Json>(schema.properties ?? {})) {
      for (const wrong of wrongValues(member)) made.push(value => ({ ...value, [name]: wrong }));
    }
    return made;
  }

  /** Values that a schema excludes. */
  function wrongValues(given: Json): unknown[] {
    const schema = resolve(given);
    const isOpen = ["type", "anyOf", "oneOf", "enum", "const"].every(word => schema[word] === undefined);
    if (isOpen) return [];
    const candidates: unknown[] = ["\u0000", "", "%%", -1, 0.5, 1e9, true, null, [], {}, { zzz: 1 }];
    return candidates.filter(value => !mayAllow(schema, value));
  }

  function mayAllow(given: Json, value: unknown): boolean {
    const schema = resolve(given);
    const alternatives: Json[] | undefined = schema.anyOf ?? schema.oneOf;
    if (alternatives) return alternatives.some(each => mayAllow(each, value));
    if (schema.const !== undefined) return schema.const === value;
    if (schema.enum) return schema.enum.includes(value);
    const type = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
    const types: string[] = [schema.type ?? []].flat();
    if (type === "number") {
      const isType = types.includes("number") || (types.includes("integer") && Number.isInteger(value));
      const number = value as number;
      return (
        isType &&
        number >= (schema.minimum ?? -Infinity) &&
        number <= (schema.maximum ?? Infinity) &&
        number > (schema.exclusiveMinimum ?? -Infinity)
      );
    }
    if (!types.includes(type)) return types.length === 0;
    if (value === null) return true;
    if (type === "string") {
      const all = [schema.pattern, ...(schema.allOf ?? []).map(({ pattern }: Json) => pattern)].filter(Boolean);
      const text = value as string;
      const fits = text.length >= (schema.minLength ?? 0) && text.length <= (schema.maxLength ?? Infinity);
      // What is said by a format is not judged here.
      return (
        fits &&
        (schema.format !== undefined ? text !== "" : true) &&
        all.every(pattern => new RegExp(pattern, "u").test(text))
      );
    }
    if (type === "array") return (schema.minItems ?? 0) === 0;
    const names = Object.keys(value as object);
    if ((schema.required ?? []).some((name: string) => !names.includes(name))) return false;
    return !(schema.additionalProperties === false && names.some(name => !(name in (schema.properties ?? {}))));
  }

  return { allowed, mistakes, wrongValues };
}
