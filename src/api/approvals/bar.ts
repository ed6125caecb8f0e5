import type { ConnectionSettings } from "../../connections/settings.ts";
import { type Kind, kinds } from "../../domain/kinds.ts";
import { parseAmount } from "../../domain/money.ts";

type Bar = Pick<ConnectionSettings, "approve_above">;

/** Something that moves or settles money. `amounts`: in minor units; every one that is known of it. */
export type Weighed = { kind: Kind; amounts: readonly (bigint | null | undefined)[]; currency: string | null };

/**
 * Whether a second person has to approve: one of the amounts is `approve_above` or more. An amount that is not known
 * may be, so it waits too; messages have none.
 */
export function needsApproval({ approve_above }: Bar, { kind, amounts, currency }: Weighed): boolean {
  if (approve_above === undefined || kinds[kind].family === "message") return false;
  const known = amounts.filter(amount => amount !== null && amount !== undefined);
  const bar = currency === null ? null : parseAmount(approve_above, currency);
  if (bar === null || !bar.ok || known.length === 0) return true;
  return known.some(amount => amount >= bar.money.minor);
}

/** Whether a change lets more through: the bar is raised or removed. */
export function raisesBar(before: Bar, after: Bar): boolean {
  if (before.approve_above === undefined) return false;
  return after.approve_above === undefined || scaled(after.approve_above) > scaled(before.approve_above);
}

/** Decimal text of up to four decimals, as a whole number. */
function scaled(amount: string): bigint {
  const [whole = "", fraction = ""] = amount.split(".");
  return BigInt(whole + fraction.padEnd(4, "0"));
}
