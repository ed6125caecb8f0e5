import type { SettleItem } from "./item.ts";

/**
 * The positions of a batch's items, in the parts in which they settle. Nearly always one part. A payment whose
 * reference a registration of the same batch has settles after the registration, since matching by reference looks for
 * what is written.
 */
export function splitByReference(items: readonly SettleItem[]): number[][] {
  const registered = new Set(
    items.flatMap(({ connection, registration }) =>
      registration?.reference ? [`${connection.id}|${comparable(registration.reference)}`] : [],
    ),
  );
  const all = items.map((_, position) => position);
  if (registered.size === 0) return [all];
  const waits = ({ connection, evidence }: SettleItem) =>
    evidence.some(e => e.reference !== undefined && registered.has(`${connection.id}|${comparable(e.reference)}`));
  const later = all.filter(position => waits(items[position]!));
  return later.length === 0 ? [all] : [all.filter(position => !later.includes(position)), later];
}

const comparable = (reference: string): string => reference.trim().toLowerCase();
