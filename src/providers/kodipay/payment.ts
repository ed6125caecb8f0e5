import type { Finding, Says } from "../../domain/evidence.ts";
import { timeReader } from "../../domain/time.ts";
import { countryOf, type Settings } from "../kit/country.ts";
import type { Problems } from "../kit/problems.ts";
import { type ShownPhone, shownPhone } from "../kit/shown-phone.ts";
import { present, textOf } from "../kit/text.ts";
import type { Layers } from "./layers.ts";

/** KODIPAY's numbers are Congolese where they have no country. */
const homeCountry = "CD";

/**
 * Only dates that name their offset: KODIPAY is not in East Africa Time, and in which of the Congo's two time zones it
 * prints dates is not known.
 */
export const dateFormats = ["yyyy-MM-dd HH:mm[:ss[.SSS]][ ]XX", "yyyy-MM-ddTHH:mm[:ss[.SSS]][ ]XX"];
const readTime = timeReader(dateFormats, 0);

export const statusNames = ["status", "payment_status", "paymentStatus"] as const;

/** All of a callback or a status answer but its ids and its outcome. */
export type KodipayPayment = Pick<
  Finding,
  "amount" | "phone" | "phoneMasked" | "result" | "reference" | "occurredAt" | "details"
>;

export function paymentOf(
  { reference, any }: Layers,
  status: string | null,
  says: Says,
  problems: Problems,
  connection: Settings,
): KodipayPayment {
  const country = countryOf(connection, homeCountry);
  const currency = textOf(any("currency"));
  const amount = currency === null ? undefined : problems.amount("amount", any("amount"), currency);
  const wallet = any("walletID", "wallet_id", "wallet");
  const shown = shownPhone(any("phone", "phone_number", "phoneNumber", "msisdn"), country);
  const ofWallet = walletPhone(wallet, country);
  const phone = shown.phone === undefined && ofWallet.phone !== undefined ? ofWallet : { ...ofWallet, ...shown };
  const description = textOf(any("message", "reason", "failure_reason", "description"));
  const occurredAt = readTime(any("completed_at", "paid_at", "updated_at", "timestamp"));
  const details = present({
    payment_method: any("payment_method", "paymentMethod"),
    wallet_id: Object.keys(ofWallet).length === 0 ? wallet : null,
    failure_reason: says === "failed" ? description : null,
    ...(currency === null && any("amount") !== undefined && amountWithoutCurrency(any("amount"))),
  });
  return {
    ...(amount && { amount }),
    ...phone,
    ...(status !== null && { result: { code: status, description: description ?? status } }),
    ...(reference !== null && { reference }),
    ...(occurredAt && { occurredAt }),
    ...(details && { details }),
  };
}

/** A wallet may be a phone, but only a Congolese one: other digits may be another person's number by chance. */
function walletPhone(wallet: unknown, country: string): ShownPhone {
  const { phone, phoneMasked } = shownPhone(wallet, country);
  if (phoneMasked !== undefined) return { phoneMasked };
  return phone !== undefined && (country !== homeCountry || phone.startsWith("+243")) ? { phone } : {};
}

/** An amount without a currency is no money, and is not compared with anything. */
function amountWithoutCurrency(amount: unknown): Record<string, unknown> {
  return { amount, amount_problem: "the callback names no currency" };
}
