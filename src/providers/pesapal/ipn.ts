import type { Finding } from "../../domain/evidence.ts";
import { fieldsOf } from "../kit/fields.ts";
import { identityOf } from "../kit/identity.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import { idOf, shortTextOf, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";

const identity = identityOf("order_tracking_id");

/**
 * Says only that something happened to an order, unsigned and without a status. It comes again at a refund, so a repeat
 * polls again.
 */
export const ipn: Channel = {
  methods: ["GET", "POST"],
  forms: false,
  key(body) {
    const field = fieldsOf(body);
    return keyOf(idOf(field("OrderTrackingId")), textOf(field("OrderNotificationType"))?.toUpperCase() ?? null);
  },
  read: body => readIpn(body),
  // Pesapal tries again unless the answer repeats what it sent, with the status 200.
  accepted(body) {
    const field = fieldsOf(body);
    return jsonReply({
      orderNotificationType: textOf(field("OrderNotificationType")),
      orderTrackingId: textOf(field("OrderTrackingId")),
      orderMerchantReference: textOf(field("OrderMerchantReference")),
      status: 200,
    });
  },
  unreadable: null,
};

function readIpn(body: Record<string, unknown>): Reading {
  const field = fieldsOf(body);
  const problems = collectProblems();
  const trackingId = problems.id("OrderTrackingId", field("OrderTrackingId"));
  const found = problems.found();
  if (found) return found;
  const refs = { order_tracking_id: trackingId };
  const reference = shortTextOf(field("OrderMerchantReference"));
  const finding: Finding = {
    kind: "checkout",
    says: "nothing",
    refs,
    identity: identity(refs),
    ...(reference !== null && { reference }),
  };
  return { kind: "changed", findings: [finding] };
}
