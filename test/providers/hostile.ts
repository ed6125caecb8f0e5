import fc from "fast-check";

const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1e308,
    2 ** 60,
    "",
    " ",
    "null",
    "-5",
    "1e9",
    "\u0000",
    "\ud800",
    [],
    {},
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constant("9".repeat(100_000)),
  fc.constantFrom(500, 20_000).map(depth => nested(depth)),
  fc.constant({ __proto__: null, constructor: "x", toString: 1, hasOwnProperty: false }),
  fc.constant(JSON.parse('{"__proto__": {"polluted": "yes"}}') as unknown),
);

type Damage = (bytes: Uint8Array) => Uint8Array;

/** Ways to spoil a body: retype or delete a value, add keys, cut it short, change bytes, replace it. */
export function damagedBodies(body: unknown): fc.Arbitrary<unknown> {
  if (typeof body === "string") {
    const keys = [...new URLSearchParams(body).keys()];
    const replaced = fc
      .tuple(fc.constantFrom(...keys), fc.string({ unit: "binary", maxLength: 60 }))
      .map(([key, value]) => {
        const form = new URLSearchParams(body);
        form.set(key, value);
        return form.toString();
      });
    const deleted = fc.constantFrom(...keys).map(key =>
      body
        .split("&")
        .filter(pair => !pair.startsWith(`${key}=`))
        .join("&"),
    );
    return fc.oneof(replaced, deleted, fc.string());
  }
  const path = fc.constantFrom(...pathsOf(body));
  const replaced = fc.tuple(path, junk).map(([keys, value]) => replacedAt(body, keys, () => value));
  const several = fc.array(fc.tuple(path, junk), { minLength: 2, maxLength: 4 });
  return fc.oneof(
    replaced,
    several.map(changes => changes.reduce((value, [keys, next]) => replacedAt(value, keys, () => next), body)),
    path.map(keys => replacedAt(body, keys, () => undefined)),
    path.map(keys => replacedAt(body, keys, value => [value])),
    path.map(keys => replacedAt(body, keys, value => [value, value])),
    path.map(keys => replacedAt(body, keys, value => ({ value }))),
    path.map(keys => replacedAt(body, keys, value => (typeof value === "string" ? Number(value) : String(value)))),
    fc.dictionary(fc.string(), junk, { maxKeys: 5 }),
  );
}

/** Ways to spoil the bytes themselves. */
export const damagedBytes: fc.Arbitrary<Damage> = fc.oneof(
  fc.nat().map<Damage>(at => bytes => bytes.slice(0, at % (bytes.length + 1))),
  fc.tuple(fc.nat(), fc.nat({ max: 255 })).map<Damage>(
    ([at, byte]) =>
      bytes =>
        bytes.with(at % Math.max(1, bytes.length), byte),
  ),
  fc.uint8Array({ maxLength: 8 }).map<Damage>(noise => bytes => Uint8Array.from([...noise, ...bytes])),
);

function nested(depth: number): unknown {
  let value: unknown = "deep";
  for (let level = 0; level < depth; level += 1) value = level % 2 ? [value] : { deep: value };
  return value;
}

function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]))];
}

/** A copy with one value changed; undefined takes it away. A path that is no more changes nothing. */
function replacedAt(value: unknown, [key, ...rest]: string[], change: (value: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return value;
  const next = replacedAt((value as Record<string, unknown>)[key], rest, change);
  if (Array.isArray(value)) return next === undefined ? value.toSpliced(Number(key), 1) : value.with(Number(key), next);
  const { [key]: _, ...others } = value as Record<string, unknown>;
  return next === undefined ? others : { ...others, [key]: next };
}
