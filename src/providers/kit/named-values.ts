import { type Fields, fieldsOf, isObject, listOf } from "./fields.ts";

/**
 * Access to a list of named values, however it is sent: `{Item: [{Name, Value}, …]}`, one item in place of the list,
 * the list by itself, or a flat object `{Amount: 5}`. Letter case and white space of names do not matter; of a name
 * given twice the first with a value counts.
 */
export function namedValues(container: unknown, listName: string, nameName: string): Fields {
  const items = itemsOf(container, listName);
  if (items === null) return fieldsOf(container);
  const values = new Map<string, unknown>();
  for (const item of items) {
    const fields = fieldsOf(item);
    const name = fields(nameName);
    const value = fields("Value");
    if (typeof name !== "string" || value === undefined) continue;
    const folded = fold(name);
    if (!values.has(folded)) values.set(folded, value);
  }
  return (...names) => names.map(name => values.get(fold(name))).find(value => value !== undefined);
}

function itemsOf(container: unknown, listName: string): unknown[] | null {
  if (Array.isArray(container)) return container;
  if (!isObject(container)) return [];
  const list = fieldsOf(container)(listName);
  return typeof list === "object" ? listOf(list) : null;
}

function fold(name: string): string {
  return name.replace(/\s+/g, "").toLowerCase();
}
