/** An amount as the API has it, with its currency; a dash for none. */
export function Money({ amount, currency }: { amount: string | null; currency: string | null }) {
  return <span class="money">{amount === null ? "–" : [amount, currency].filter(Boolean).join(" ")}</span>;
}
