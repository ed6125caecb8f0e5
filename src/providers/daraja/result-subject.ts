import type { Kind } from "../../domain/kinds.ts";
import type { Fields } from "../kit/fields.ts";

type Subject = Extract<Kind, "b2c" | "b2b" | "reversal"> | "transaction_status" | "account_balance";

/**
 * Nothing in a result names its request, but the parameters differ. Tried in this order: a reversal has a debited
 * account too, and a status answer about anything has its amount.
 */
const signs: readonly [Subject, readonly string[]][] = [
  ["transaction_status", ["TransactionStatus", "ReceiptNo", "FinalisedTime"]],
  ["account_balance", ["AccountBalance"]],
  ["reversal", ["OriginalTransactionID"]],
  [
    "b2c",
    [
      "TransactionReceipt",
      "TransactionCompletedDateTime",
      "B2CRecipientIsRegisteredCustomer",
      "B2CUtilityAccountAvailableFunds",
      "B2CWorkingAccountAvailableFunds",
      "B2CChargesPaidAccountAvailableFunds",
    ],
  ],
  [
    "b2b",
    [
      "InitiatorAccountCurrentBalance",
      "DebitAccountCurrentBalance",
      "DebitAccountBalance",
      "DebitPartyAffectedAccountBalance",
      "DebitPartyCharges",
      "TransCompletedTime",
      "TransactionCompletedTime",
    ],
  ],
];

/**
 * What a result is about. A failure has no parameters: it counts as b2c, and a registered transaction keeps its own
 * kind.
 */
export function subjectOf(parameters: Fields): Subject {
  return signs.find(([, names]) => parameters(...names) !== undefined)?.[0] ?? "b2c";
}
