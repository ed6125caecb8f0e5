import fc from "fast-check";
import type { StoredCallback } from "../../src/providers/provider.ts";
import { damagedBodies, damagedBytes } from "./hostile.ts";
import { bytesOf, type Specimen } from "./specimen.ts";
import { callbackOf } from "./specimen-callback.ts";

/** A specimen with a damaged body, or with a damaged query where it has no body. */
export function damagedCallbacks(specimen: Specimen): fc.Arbitrary<StoredCallback> {
  const callback = callbackOf(specimen);
  if (specimen.method === "GET") {
    const names = fc.oneof(fc.constantFrom(...Object.keys(specimen.query)), fc.string());
    const changes = fc.dictionary(names, fc.string({ unit: "binary", maxLength: 60 }), { maxKeys: 3 });
    return changes.map(change => ({ ...callback, query: { ...specimen.query, ...change } }));
  }
  return fc
    .oneof(
      damagedBodies(specimen.body).map(bytesOfAny),
      damagedBytes.map(damage => damage(bytesOf(specimen.body))),
    )
    .map(body => ({ ...callback, body }));
}

/** A damaged value may have become undefined, which is no JSON. */
function bytesOfAny(body: unknown): Uint8Array {
  try {
    return bytesOf(body ?? null);
  } catch {
    // Nested too deep for JSON.stringify: written by hand.
    return new TextEncoder().encode(`{"Body":${'{"deep":'.repeat(50_000)}1${"}".repeat(50_000)}}`);
  }
}
