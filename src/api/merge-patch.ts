import { isJsonObject, type JsonObject } from "../domain/json.ts";

/**
 * Merges a patch by RFC 7396: members replace, `null` removes, objects merge, lists are replaced whole. Changes neither
 * argument.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const merged: JsonObject = isJsonObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}
