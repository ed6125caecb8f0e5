import { canonicalJson } from "../../domain/json.ts";

type Fields = Record<string, unknown>;

/** The fields that differ, as they were and as they are: what an audit entry of a change shows. */
export function changesOf(before: Fields, after: Fields): { before: Fields; after: Fields } {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    name => canonicalJson(before[name] ?? null) !== canonicalJson(after[name] ?? null),
  );
  const pick = (fields: Fields) => Object.fromEntries(names.map(name => [name, fields[name] ?? null]));
  return { before: pick(before), after: pick(after) };
}
