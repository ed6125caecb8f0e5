import { z } from "zod";
import { recover } from "../../deliver/commands/recover.ts";
import { publicId } from "../../domain/ids.ts";
import { accepted } from "../answer.ts";
import { recordAudit } from "../audit/record.ts";
import { conflict } from "../problem.ts";
import { route } from "../route.ts";
import { timeInput } from "../schemas/fields.ts";
import { visibleEndpoint } from "./visible.ts";

export const recoverEndpoint = route({
  method: "POST",
  path: "/v1/endpoints/{id}/recover",
  tag: "Endpoints",
  name: "recoverEndpoint",
  summary: "Send again what failed",
  description: "Queues what failed from `since` on, what was given up while the endpoint was disabled too.",
  access: "any",
  ids: { id: "endpoint" },
  body: z.strictObject({ since: timeInput }),
  example: { since: "2025-10-18T00:00:00Z" },
  answers: {
    202: { means: "How many are queued again", schema: z.object({ requeued: z.int() }).meta({ id: "Recovery" }) },
  },
  problems: { 409: "The endpoint is disabled." },
  async handle({ caller, ids, body }, { db, sql, wakeDeliver }) {
    const endpoint = await visibleEndpoint(caller, ids.id, db);
    if (endpoint.kind === "problem") return endpoint;
    const { shard, merchantId, id: endpointId, enabled } = endpoint.row;
    if (!enabled) return conflict("The endpoint is disabled, nothing is sent to it: enable it first.");
    const requeued = await recover(sql, shard, endpointId, body.since);
    wakeDeliver(shard, [endpointId]);
    const subject = publicId("endpoint", endpointId);
    const detail = { since: body.since.toISOString(), requeued };
    await recordAudit(db, caller, { shard, merchantId, action: "endpoint.recovered", subject, detail });
    return accepted({ requeued });
  },
});
