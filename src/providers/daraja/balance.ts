import { type Money, parseAmount } from "../../domain/money.ts";
import { currencyIn, type Settings } from "../kit/country.ts";
import { readEastAfricaTime } from "../kit/east-africa-time.ts";
import { textOf } from "../kit/text.ts";
import type { ToldBalance } from "../provider.ts";
import { homeCountry } from "./home-country.ts";
import type { ResultEnvelope } from "./result-envelope.ts";

/** A balance that a callback names beside its payment; one that cannot be read is left out. */
export function readBalance(value: unknown, connection: Settings): Money | null {
  const currency = currencyIn(connection, homeCountry);
  const parsed = currency === null ? null : parseAmount(value, currency);
  return parsed?.ok ? parsed.money : null;
}

/**
 * The utility account's balance of an account balance result: one text,
 * `Working Account|KES|46713.00|46713.00|0.00|0.00&Utility Account|KES|…`, each account as name, currency, current,
 * available, reserved and uncleared balance.
 */
export function utilityBalance(
  { parameters }: Pick<ResultEnvelope, "parameters">,
  receivedAt: Date,
  connection: Settings,
): ToldBalance | null {
  const accounts = (textOf(parameters("AccountBalance")) ?? "").split("&").map(account => account.split("|"));
  const utility = accounts.find(([name = ""]) => /^\s*utility account\s*$/i.test(name));
  const amount = utility ? readBalance(utility[2], connection) : null;
  const at = readEastAfricaTime(parameters("BOCompletedTime")) ?? receivedAt;
  return amount && { amount, at };
}
