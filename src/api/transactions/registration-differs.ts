import { publicId } from "../../domain/ids.ts";
import type { RegistrationRefusal } from "../../settle/item.ts";
import { type ProblemDetails, typedConflict } from "../problem.ts";

/** 409 for a registration that says something else than the one it met. It names the fields, never their values. */
export function registrationDiffers({
  transactionId,
  fields,
  finished,
}: Extract<RegistrationRefusal, { kind: "differs" }>): ProblemDetails {
  const id = publicId("transaction", transactionId);
  const advice = finished
    ? "That transaction is finished, and no registration changes it any more. Is its id or reference used twice?"
    : 'Nothing was changed. Send "amend": true to replace what was registered, or an id or reference of its own.';
  const detail = `${id} is registered with another ${listOf(fields)}. ${advice}`;
  return typedConflict("registration-differs", detail, { transaction_id: id, fields, finished });
}

/** `amount, currency and phone`. */
function listOf(fields: string[]): string {
  return fields.length < 2 ? fields.join("") : `${fields.slice(0, -1).join(", ")} and ${fields.at(-1)}`;
}
