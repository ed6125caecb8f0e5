import type { Finding, Says } from "../../domain/evidence.ts";
import type { ProviderRefs } from "../../domain/kinds.ts";
import { parsePhone } from "../../domain/phone.ts";
import { parseProviderTime } from "../../domain/time.ts";
import { identityOf } from "../kit/identity.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import { saysOf } from "../kit/status-table.ts";
import { present, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { type Layers, layersOf } from "./layers.ts";
import { saysByAlias, saysByStatus } from "./statuses.ts";

/** KODIPAY's numbers are Congolese where they have no country. */
const country = "CD";

export const identityOfKodipay = identityOf("order_number");

/** News of a payment coming in. The body is undocumented, so it is looked for (see MAPPING.md). Every object gets the accepted answer. */
export const callbacks: Channel = {
  forms: false,
  key(body) {
    const layers = layersOf(body);
    const named = layers.orderNumber === null ? "reference" : "order_number";
    const status = statusOf(layers)?.toLowerCase() ?? null;
    return keyOf(layers.orderNumber ?? layers.reference, named, status, isRefund(layers) ? "refund" : null);
  },
  read: readCallback,
  accepted: () => jsonReply({ status: "accepted" }),
  unreadable: null,
};

function readCallback(body: Record<string, unknown>): Reading {
  const layers = layersOf(body);
  const { orderNumber, reference, any } = layers;
  const problems = collectProblems();
  if (orderNumber === null && reference === null) problems.id("orderNumber", undefined);
  const currency = textOf(any("currency"));
  const amount = currency === null ? undefined : problems.amount("amount", any("amount"), currency);
  const found = problems.found();
  if (found) return found;

  const status = statusOf(layers);
  const says = saysOfLayers(status, isRefund(layers));
  const refs: ProviderRefs = orderNumber === null ? {} : { order_number: orderNumber };
  const wallet = any("walletID", "wallet_id", "wallet");
  const phone = parsePhone(any("phone", "phone_number", "phoneNumber", "msisdn"), country) ?? walletPhone(wallet);
  const description = textOf(any("message", "reason", "failure_reason", "description"));
  const occurredAt = timeOf(any("completed_at", "paid_at", "updated_at", "timestamp"));
  const details = present({
    payment_method: any("payment_method", "paymentMethod"),
    wallet_id: walletPhone(wallet) === null ? wallet : null,
    failure_reason: says === "failed" ? description : null,
    ...(currency === null && any("amount") !== undefined && amountWithoutCurrency(any("amount"))),
  });
  const finding: Finding = {
    kind: "checkout",
    says,
    refs,
    identity: identityOfKodipay(refs),
    ...(amount && { amount }),
    ...(phone !== null && { phone }),
    ...(status !== null && { result: { code: status, description: description ?? status } }),
    ...(reference !== null && { reference }),
    ...(occurredAt && { occurredAt }),
    ...(details && { details }),
  };
  return { kind: "evidence", findings: [finding] };
}

/**
 * The status beside the ids; else an envelope's, if it is one of the six: `{"status": "success", "data": {…}}` is how APIs say that a
 * call worked.
 */
function statusOf({ home, any }: Layers): string | null {
  const names = ["status", "payment_status", "paymentStatus"];
  const beside = textOf(home(...names));
  if (beside !== null) return beside;
  const around = textOf(any(...names));
  return around !== null && Object.hasOwn(saysByStatus, around.toLowerCase()) ? around : null;
}

/** A missing status says nothing; an unknown one stays pending until somebody asks. */
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

/** A wallet may be a phone, but only a Congolese one: other digits are somebody else's number by chance. */
function walletPhone(wallet: unknown): string | null {
  const phone = parsePhone(wallet, country);
  return phone?.startsWith("+243") ? phone : null;
}

/** An amount without a currency is no money, and is not compared with anything. */
function amountWithoutCurrency(amount: unknown): Record<string, unknown> {
  return { amount, amount_problem: "the callback names no currency" };
}

/** Only times with their offset: KODIPAY is not in East Africa Time, and which of Congo's two it prints is unknown. */
function timeOf(value: unknown): Date | null {
  return typeof value === "string" && /(?:Z|[+-]\d\d:?\d\d)\s*$/i.test(value) ? parseProviderTime(value) : null;
}
