import type { Evidence, Strength } from "../evidence.ts";

/** Strengths in order: a higher rank is stronger. */
export const rank = { hint: 0, match: 1, signed: 2, poll: 3, statement: 4, operator: 5 } as const satisfies Record<
  Strength,
  number
>;

/**
 * Strongest first, by the stored strength, then by status and content. A total order that does not depend on arrival,
 * so that a decision does not either.
 */
export function byStrength(a: Evidence, b: Evidence): number {
  return (
    rank[b.strength] - rank[a.strength] ||
    compare(b.says, a.says) ||
    compare(contentKey(a), contentKey(b)) ||
    compare(a.id, b.id)
  );
}

function contentKey({ result, refs, amount, kind }: Evidence): string {
  return `${result?.code ?? ""}|${refs.receipt ?? ""}|${amount ? `${amount.currency}${amount.minor}` : ""}|${kind}`;
}

export function compare<T extends string | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
