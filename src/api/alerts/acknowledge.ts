import { alertJson } from "../../domain/alerts.ts";
import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { actorOf, merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { alertSchema } from "./alert-schema.ts";
import { acknowledge, findAlert } from "./store.ts";

export const acknowledgeAlert = route({
  method: "POST",
  path: "/v1/alerts/{id}/acknowledge",
  tag: "Alerts",
  name: "acknowledgeAlert",
  summary: "Acknowledge an alert",
  description: "A person looks after it: no more reminders are sent. It closes by itself all the same.",
  access: "any",
  role: "support",
  ids: { id: "alert" },
  responses: { 200: { description: "The alert, as the first one acknowledged it", schema: alertSchema } },
  async handle({ caller, ids }, { db }) {
    const before = await findAlert(db, ids.id, merchantScope(caller));
    if (before === null) return noSuch("alert");
    const row = await db.transaction(async tx => {
      const acknowledged = await acknowledge(tx, ids.id, actorOf(caller));
      if (acknowledged !== null) {
        const { shard, merchantId, kind, subject } = acknowledged;
        await recordAudit(tx, caller, {
          shard,
          merchantId,
          action: "alert.acknowledged",
          subject: publicId("alert", ids.id),
          after: { kind, about: subject },
        });
      }
      return acknowledged;
    });
    return ok(alertJson(row ?? (await findAlert(db, ids.id, null)) ?? before));
  },
});
