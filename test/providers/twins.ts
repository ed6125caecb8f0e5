import type { Specimen } from "./specimen.ts";

/** The same callback in other words: keys the other way round, white space, keys nobody knows. */
export function twinsOf(specimen: Specimen): Specimen[] {
  const { body, query, method } = specimen;
  if (method === "GET") {
    return [Object.fromEntries(Object.entries(query).reverse()), { ...query, unheard_of: "1" }].map(twin => ({
      ...specimen,
      query: twin,
    }));
  }
  const bodies =
    typeof body === "string"
      ? [body.split("&").reverse().join("&"), `${body}&unheard_of=1`]
      : [JSON.stringify(reversed(body), null, 3), JSON.stringify(extended(body))];
  return bodies.map(twin => ({ ...specimen, body: twin }));
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

function extended(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(extended);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, extended(item)]);
  return Object.fromEntries([["UnheardOf", "1"], ...entries, ["unheard_of_too", 2]]);
}
