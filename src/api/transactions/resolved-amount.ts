import { type Money, parseAmount } from "../../domain/money.ts";
import { currencyOf } from "../../providers/names.ts";
import type { ApiDeps } from "../deps.ts";
import { invalid, type ProblemDetails } from "../problem.ts";
import type { ListedTransactionRow } from "./store.ts";

/**
 * The amount that an operator says was really paid, in the transaction's currency, else the connection's. Null where
 * none was sent.
 */
export async function resolvedAmount(
  { directory, providers }: Pick<ApiDeps, "directory" | "providers">,
  row: ListedTransactionRow,
  amount: string | number | null | undefined,
): Promise<{ kind: "amount"; money: Money | null } | ProblemDetails> {
  if (amount === null || amount === undefined) return { kind: "amount", money: null };
  const currency = row.currency ?? (await currencyOfConnection({ directory, providers }, row));
  if (currency === null) {
    return invalid([{ path: "amount", message: "has no currency: neither transaction nor connection names one" }]);
  }
  const parsed = parseAmount(amount, currency);
  if (!parsed.ok) return invalid([{ path: "amount", message: parsed.message }]);
  if (parsed.money.minor === 0n) return invalid([{ path: "amount", message: "must be more than zero" }]);
  return { kind: "amount", money: parsed.money };
}

async function currencyOfConnection(
  { directory, providers }: Pick<ApiDeps, "directory" | "providers">,
  { shard, connectionId, provider: providerId }: ListedTransactionRow,
): Promise<string | null> {
  const provider = providers.get(providerId);
  const connection = await directory.byId(shard, connectionId);
  return provider && connection ? currencyOf(provider, connection) : null;
}
