import type { Finding } from "../../domain/evidence.ts";
import type { Kind } from "../../domain/kinds.ts";
import { timeReader } from "../../domain/time.ts";
import { countryOf, type Settings } from "../kit/country.ts";
import { fieldsAt, fieldsOf } from "../kit/fields.ts";
import type { Problems } from "../kit/problems.ts";
import { shownPhone } from "../kit/shown-phone.ts";
import { type StatusTable, saysOf } from "../kit/status-table.ts";
import { idOf, present, shortTextOf, textOf } from "../kit/text.ts";
import { identityOfPawapay, type PawapayProduct, products } from "./products.ts";

export const dateFormats = ["yyyy-MM-ddTHH:mm[:ss[.SSS]]XX"];
const readTime = timeReader(dateFormats, 0);

/** pawaPay's statuses. Reconciliation with an operator, and a queue at one that is down, can last for hours. */
export const saysByStatus = {
  completed: "completed",
  failed: "failed",
  rejected: "failed",
  expired: "expired",
  accepted: "processing",
  submitted: "processing",
  processing: "processing",
  enqueued: "processing",
  in_reconciliation: "processing",
} as const satisfies StatusTable;

/** A deposit, payout or refund: a callback's body, and `data` of a status answer. */
export function findingOf(
  product: PawapayProduct,
  kind: Kind,
  data: unknown,
  problems: Problems,
  connection: Settings,
): Finding {
  const { id: idName, ref, party } = products[product];
  const field = fieldsOf(data);
  const account = fieldsAt(data, party, "accountDetails");
  const id = problems.id(idName, field(idName));
  const status = problems.text("status", field("status"));
  const amount = problems.amount("amount", field("amount"), textOf(field("currency")));
  const failure = fieldsOf(field("failureReason"));
  const failureCode = textOf(failure("failureCode", "rejectionCode"));
  const reference = shortTextOf(field("clientReferenceId"));
  const occurredAt = readTime(field("created"));
  const says = saysOf(saysByStatus, status, "pending");
  const code = says === "failed" ? (failureCode ?? status) : status;
  const deposit = product === "refunds" && says === "completed" ? idOf(field("depositId")) : null;
  const refs = { [ref]: id };
  const details = present({
    operator: account("provider") ?? field("correspondent"),
    provider_transaction_id: field("providerTransactionId"),
    failure_reason: says === "failed" ? failureCode : null,
  });
  return {
    kind,
    says,
    refs,
    identity: identityOfPawapay(kind, refs),
    result: { code, description: textOf(failure("failureMessage", "rejectionMessage")) ?? code },
    ...(amount && { amount }),
    // Version 1 names the wallet elsewhere.
    ...shownPhone(account("phoneNumber") ?? fieldsAt(data, party, "address")("value"), countryOf(connection, "")),
    ...(reference !== null && { reference }),
    ...(occurredAt && { occurredAt }),
    ...(details && { details }),
    ...(deposit !== null && { reverses: deposit }),
  };
}
