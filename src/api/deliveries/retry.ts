import { publicId } from "../../domain/ids.ts";
import { accepted } from "../answer.ts";
import { recordAudit } from "../audit/record.ts";
import type { RetryPortResult } from "../ports.ts";
import { conflict } from "../problem.ts";
import { route } from "../route.ts";
import { deliveryWithAttempts, deliveryWithAttemptsSchema } from "./delivery-json.ts";
import { visibleDelivery } from "./visible.ts";

const refusals = {
  "being sent": "It is being sent just now.",
  "endpoint disabled": "Its endpoint is disabled, nothing is sent to it: enable it first.",
  "endpoint deleted": "Its endpoint was deleted.",
} as const satisfies Record<Exclude<RetryPortResult, "queued">, string>;

export const retryDelivery = route({
  method: "POST",
  path: "/v1/deliveries/{id}/retry",
  tag: "Events and deliveries",
  name: "retryDelivery",
  summary: "Send a delivery again",
  description:
    "At once. One that waits is sent now, in its place of the schedule; one that failed or was delivered has its whole schedule before it.",
  access: "any",
  ids: { id: "delivery" },
  answers: { 202: { means: "It is on its way", schema: deliveryWithAttemptsSchema } },
  problems: { 409: "It is being sent just now, or its endpoint is disabled or deleted." },
  async handle({ caller, ids }, { db, deliver }) {
    const delivery = await visibleDelivery(caller, ids.id, db);
    if (delivery.kind === "problem") return delivery;
    const { shard, id, merchantId } = delivery.row;
    const outcome = await deliver.retry({ shard, deliveryId: id });
    if (outcome !== "queued") return conflict(refusals[outcome]);
    const subject = publicId("delivery", id);
    await recordAudit(db, caller, { shard, merchantId, action: "delivery.retried", subject });
    const now = await visibleDelivery(caller, id, db);
    return now.kind === "problem" ? now : accepted(await deliveryWithAttempts(db, now.row));
  },
});
