import { type RetryResult, retryDelivery } from "../../deliver/commands/retry.ts";
import { publicId } from "../../domain/ids.ts";
import { accepted } from "../answer.ts";
import { recordAudit } from "../audit/record.ts";
import { conflict } from "../problem.ts";
import { route } from "../route.ts";
import { deliveryWithAttempts, deliveryWithAttemptsSchema } from "./delivery-json.ts";
import { visibleDelivery } from "./visible.ts";

const refusals = {
  "being sent": "It is being sent just now.",
  "endpoint disabled": "Its endpoint is disabled, nothing is sent to it: enable it first.",
  "endpoint deleted": "Its endpoint was deleted.",
} as const satisfies Record<Exclude<RetryResult, "queued">, string>;

export const retryDeliveryNow = route({
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
  async handle({ caller, ids }, { db, sql, wakeDeliver }) {
    const delivery = await visibleDelivery(caller, ids.id, db);
    if (delivery.kind === "problem") return delivery;
    const { shard, id, merchantId } = delivery.row;
    const retried = await retryDelivery(sql, shard, id);
    if (retried === null) return conflict(refusals["endpoint deleted"]);
    if (retried.outcome !== "queued") return conflict(refusals[retried.outcome]);
    wakeDeliver(shard, [retried.endpointId]);
    const subject = publicId("delivery", id);
    await recordAudit(db, caller, { shard, merchantId, action: "delivery.retried", subject });
    const now = await visibleDelivery(caller, id, db);
    return now.kind === "problem" ? now : accepted(await deliveryWithAttempts(db, now.row));
  },
});
