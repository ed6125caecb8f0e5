import type { Kind } from "../../domain/kinds.ts";

/**
 * What an IPN's `category` is about, spelled in lower case letters only. MAPPING.md says which were seen and which are
 * guesses.
 */
const kindByCategory: Readonly<Record<string, Kind>> = {
  mobilepayout: "mobile_payout",
  bankpayout: "bank_payout",
  mpesapayment: "checkout",
  airtelpayment: "checkout",
  equitelpayment: "checkout",
  mobilecheckout: "checkout",
  utilitypayment: "bill",
  airtimepurchase: "airtime",
  pinairtimepurchase: "pin_airtime",
  databundlepurchase: "data_bundle",
};

/** Parts of an unknown category that give it away, the more telling ones first: "PinAirtime" holds "airtime" too. */
const kindByPart: readonly (readonly [part: string, kind: Kind])[] = [
  ["voucher", "pin_airtime"],
  ["pinairtime", "pin_airtime"],
  ["bundle", "data_bundle"],
  ["airtime", "airtime"],
  ["bank", "bank_payout"],
  ["b2b", "b2b"],
  ["business", "b2b"],
  ["upi", "upi"],
  ["sms", "sms"],
  ["otp", "sms"],
  ["payout", "mobile_payout"],
  ["checkout", "checkout"],
  ["utility", "bill"],
  ["bill", "bill"],
];

/** The kind an IPN would have, were it the first callback about its transaction. A registration's kind outranks it. */
export function kindOf(category: string | null, direction: string | null): Kind {
  const spelled = (category ?? "").toLowerCase().replace(/[^a-z0-9]/g, "");
  if (Object.hasOwn(kindByCategory, spelled)) return kindByCategory[spelled]!;
  const telling = kindByPart.find(([part]) => spelled.includes(part));
  if (telling) return telling[1];
  return direction?.toLowerCase() === "outbound" ? "mobile_payout" : "payment";
}
