import { z } from "zod";
import { recover } from "../../deliver/commands/recover.ts";
import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { conflict, noSuch } from "../problem.ts";
import { accepted } from "../response.ts";
import { route } from "../route.ts";
import { timeInput } from "../schemas/fields.ts";
import { endpointDisabled } from "./endpoint-disabled.ts";
import { findEndpoint } from "./store.ts";

export const recoverEndpoint = route({
  method: "POST",
  path: "/v1/endpoints/{id}/recover",
  tag: "Endpoints",
  name: "recoverEndpoint",
  summary: "Send failed deliveries again",
  description:
    "Queues deliveries that failed since `since`, those that failed because the endpoint was disabled included. " +
    "Events of an environment that the endpoint does not take are left out.",
  access: "any",
  role: "support",
  ids: { id: "endpoint" },
  body: z.strictObject({ since: timeInput }),
  example: { since: "2025-10-18T00:00:00Z" },
  responses: {
    202: {
      description: "The number of deliveries that are queued again",
      schema: z.object({ requeued: z.int() }).meta({ id: "Recovery" }),
    },
  },
  problems: { 409: "The endpoint is disabled." },
  async handle({ caller, ids, body }, { db, sql, wakeDeliver }) {
    const endpoint = await findEndpoint(db, ids.id, merchantScope(caller));
    if (endpoint === null) return noSuch("endpoint");
    const { shard, merchantId, id: endpointId, enabled } = endpoint;
    if (!enabled) return conflict(endpointDisabled);
    const subject = publicId("endpoint", endpointId);
    const detail = { since: body.since.toISOString() };
    // Recorded first: the deliveries are queued by several commits, and none may go without an entry.
    await db.transaction(tx =>
      recordAudit(tx, caller, { shard, merchantId, action: "endpoint.recovered", subject, detail }),
    );
    const requeued = await recover(sql, shard, endpointId, body.since);
    wakeDeliver(shard, [endpointId]);
    return accepted({ requeued });
  },
});
