import type { SettleItem } from "./item.ts";

/**
 * The positions of a batch's items, in the parts in which they settle. Nearly always one part. A payment whose
 * reference a registration of the same batch has settles after the registration, since matching by reference looks for
 * what is written. So does a start under the reference of another one.
 */
export function splitByReference(items: readonly SettleItem[]): number[][] {
  const repeated = repeatedStarts(items);
  const once = splitPayments(items).map(part => part.filter(position => !repeated.has(position)));
  return [...once, ...[...repeated].map(position => [position])].filter(part => part.length > 0 || items.length === 0);
}

/** Positions of starts whose reference an earlier start of the batch has. */
function repeatedStarts(items: readonly SettleItem[]): ReadonlySet<number> {
  const begun = new Set<string>();
  const repeated = new Set<number>();
  for (const [position, { connection, registration, start }] of items.entries()) {
    if (start?.step !== "begin" || !registration?.reference) continue;
    const name = `${connection.id}|${comparable(registration.reference)}`;
    if (begun.has(name)) repeated.add(position);
    begun.add(name);
  }
  return repeated;
}

function splitPayments(items: readonly SettleItem[]): number[][] {
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
