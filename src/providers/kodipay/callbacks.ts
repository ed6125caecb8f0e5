import type { Finding, Says } from "../../domain/evidence.ts";
import type { ProviderRefs } from "../../domain/kinds.ts";
import type { ProviderConnection } from "../call.ts";
import { identityOf } from "../kit/identity.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import { saysOf } from "../kit/status-table.ts";
import { textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { type Layers, layersOf } from "./layers.ts";
import { paymentOf, statusNames } from "./payment.ts";
import { saysByAlias, saysByStatus } from "./statuses.ts";

export const identityOfKodipay = identityOf("order_number");

/**
 * News of a payment coming in. The body is undocumented, so it is looked for (see MAPPING.md). Every object gets the
 * accepted answer.
 */
export const callbacks: Channel = {
  forms: false,
  key(body) {
    const layers = layersOf(body);
    const named = layers.orderNumber === null ? "reference" : "order_number";
    const status = statusOf(layers)?.toLowerCase() ?? null;
    return keyOf(layers.orderNumber ?? layers.reference, named, status, isRefund(layers) ? "refund" : null);
  },
  read: (body, _callback, connection) => readCallback(body, connection),
  recognizes(body) {
    const layers = layersOf(body);
    return (layers.orderNumber ?? layers.reference) !== null;
  },
  accepted: () => jsonReply({ status: "accepted" }),
  unreadable: null,
};

function readCallback(body: Record<string, unknown>, connection: ProviderConnection): Reading {
  const layers = layersOf(body);
  const { orderNumber, reference } = layers;
  const problems = collectProblems();
  if (orderNumber === null && reference === null) problems.id("orderNumber", undefined);
  const status = statusOf(layers);
  const says = saysOfLayers(status, isRefund(layers));
  const payment = paymentOf(layers, status, says, problems, connection);
  const found = problems.found();
  if (found) return found;
  const refs: ProviderRefs = orderNumber === null ? {} : { order_number: orderNumber };
  const finding: Finding = { kind: "payment", says, refs, identity: identityOfKodipay(refs), ...payment };
  return { kind: "evidence", findings: [finding] };
}

/**
 * The status beside the ids; else an envelope's, if it is one of the six: `{"status": "success", "data": {…}}` is how
 * APIs say that a call worked.
 */
function statusOf({ home, any }: Layers): string | null {
  const beside = textOf(home(...statusNames));
  if (beside !== null) return beside;
  const around = textOf(any(...statusNames));
  return around !== null && Object.hasOwn(saysByStatus, around.toLowerCase()) ? around : null;
}

/** A missing status says nothing; an unknown one is pending until a poll. */
function saysOfLayers(status: string | null, refund: boolean): Says {
  if (status === null) return "nothing";
  const says = saysOf(saysByStatus, status, saysOf(saysByAlias, status, "pending"));
  if (!refund || says === "refunded") return says;
  // News of a refund: done, the payment is given back; under way or failed, the payment is what it was.
  return says === "completed" ? "refunded" : "nothing";
}

function isRefund({ any }: Layers): boolean {
  return /refund/i.test(textOf(any("event", "event_type", "eventType", "type")) ?? "");
}
