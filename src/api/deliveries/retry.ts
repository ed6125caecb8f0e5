import { onQueryable } from "../../database/audit/append-store.ts";
import { type RetryResult, retry } from "../../deliver/commands/retry.ts";
import { retryRelay } from "../../deliver/relay/relay-queue-store.ts";
import { publicId } from "../../domain/ids.ts";
import { recordWith } from "../audit/record.ts";
import { type Caller, merchantScope } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { conflict, noSuch } from "../problem.ts";
import { type ApiResponse, accepted } from "../response.ts";
import { route } from "../route.ts";
import { deliveryWithAttempts, deliveryWithAttemptsSchema } from "./delivery-json.ts";
import { relayWithAttempts, relayWithAttemptsSchema } from "./relay-json.ts";
import { findRelay } from "./relay-store.ts";
import { findDelivery } from "./store.ts";

const refusals = {
  "being sent": "The delivery is being sent at this moment.",
  "endpoint disabled": "The delivery's endpoint is disabled. Enable the endpoint first.",
  "endpoint deleted": "The delivery's endpoint was deleted.",
} as const satisfies Record<Exclude<RetryResult, "queued">, string>;

export const retryDelivery = route({
  method: "POST",
  path: "/v1/deliveries/{id}/retry",
  tag: "Events and deliveries",
  name: "retryDelivery",
  summary: "Send a delivery again",
  description:
    "Sends it at once. A pending delivery keeps its position in the retry schedule; any other starts it again.",
  access: "any",
  role: "support",
  ids: { id: "delivery" },
  responses: {
    202: { description: "The delivery is queued", schema: deliveryWithAttemptsSchema.or(relayWithAttemptsSchema) },
  },
  problems: { 409: "The delivery is being sent, or its endpoint is disabled or deleted." },
  async handle({ caller, ids }, { db, sql, wakeDeliver }) {
    const delivery = await findDelivery(db, ids.id, merchantScope(caller));
    if (delivery === null) return retryOfRelay(ids.id, caller, { db, sql });
    const { shard, id, merchantId } = delivery;
    const subject = publicId("delivery", id);
    const retried = await sql.begin(async tx => {
      const result = await retry(tx, shard, id);
      if (result?.outcome === "queued") {
        await recordWith(onQueryable(tx), caller, { shard, merchantId, action: "delivery.retried", subject });
      }
      return result;
    });
    if (retried === null) return conflict(refusals["endpoint deleted"]);
    if (retried.outcome !== "queued") return conflict(refusals[retried.outcome]);
    wakeDeliver(shard, [retried.endpointId]);
    const queued = await findDelivery(db, id, merchantId);
    return queued === null ? noSuch("delivery") : accepted(await deliveryWithAttempts({ db, sql }, queued));
  },
});

async function retryOfRelay(
  deliveryId: string,
  caller: Caller,
  { db, sql }: Pick<ApiDeps, "db" | "sql">,
): Promise<ApiResponse> {
  const relay = await findRelay(db, deliveryId, merchantScope(caller));
  if (relay === null) return noSuch("delivery");
  const { shard, id, merchantId } = relay;
  const subject = publicId("delivery", id);
  const isQueued = await sql.begin(async tx => {
    if (!(await retryRelay(tx, shard, id))) return false;
    await recordWith(onQueryable(tx), caller, { shard, merchantId, action: "delivery.retried", subject });
    return true;
  });
  if (!isQueued) return conflict(refusals["being sent"]);
  const queued = await findRelay(db, id, merchantId);
  return queued === null ? noSuch("delivery") : accepted(relayWithAttempts(queued));
}
