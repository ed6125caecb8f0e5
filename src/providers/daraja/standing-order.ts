import { type Fields, fieldsOf, isObject } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { namedValues } from "../kit/named-values.ts";
import { payloadProblem } from "../kit/payload.ts";
import { collectProblems } from "../kit/problems.ts";
import { isZeroCode } from "../kit/success-code.ts";
import { idOf, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { accepted } from "./replies.ts";

const [created, failed] = ["standing_order.created", "standing_order.failed"] as const;

export const standingOrderTypes = [created, failed];

/**
 * Whether a standing order (Ratiba) was made. It looks like a payment, with an id, an amount and the status OKAY, but
 * no money moved: each charge comes as a C2B confirmation of its own. Passed on as it was sent.
 */
export const standingOrder: Channel = {
  forms: false,
  key(body) {
    const { header, data } = standingOrderOf(body);
    const code = textOf(data("responseCode")) ?? textOf(header("responseCode"));
    return keyOf(idIn(header), idOf(data("TransactionID")), code, textOf(data("Status"))?.toLowerCase() ?? null);
  },
  read: readStandingOrder,
  recognizes(body) {
    const field = fieldsOf(body);
    return isObject(field("ResponseHeader")) && isObject(field("ResponseBody"));
  },
  accepted,
  unreadable: null,
};

function readStandingOrder(body: Record<string, unknown>): Reading {
  const { header, data } = standingOrderOf(body);
  const problems = collectProblems();
  problems.id("ResponseHeader.responseRefID", idIn(header));
  const code = problems.text("ResponseHeader.responseCode", header("responseCode"));
  const harm = payloadProblem(body);
  if (harm) problems.add(harm.path, harm.message);
  const found = problems.found();
  if (found) return found;
  const status = textOf(data("Status"));
  if (code === "200" && status === null) {
    return { kind: "ignored", reason: "the request was accepted; the order's own callback comes later" };
  }
  const codes = [code === "200" ? "0" : code, textOf(data("responseCode")) ?? "0"];
  const isMade = codes.every(isZeroCode) && (status === null || /^(okay|ok|success|successful|active)$/i.test(status));
  return { kind: "message", messages: [{ type: isMade ? created : failed, payload: body }] };
}

/** The two parts, whatever the letter case of their names: the documentation's table and its sample differ. */
function standingOrderOf(body: Record<string, unknown>): { header: Fields; data: Fields } {
  const field = fieldsOf(body);
  const inner = fieldsOf(field("ResponseBody"));
  return { header: fieldsOf(field("ResponseHeader")), data: namedValues(inner("ResponseData"), "Item", "Name") };
}

function idIn(header: Fields): string | null {
  return idOf(header("responseRefID")) ?? idOf(header("requestRefID"));
}
