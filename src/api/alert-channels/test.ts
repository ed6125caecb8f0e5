import { queueTest } from "../../alerts/channels/message-store.ts";
import { newUuid } from "../../domain/ids.ts";
import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { accepted } from "../response.ts";
import { route } from "../route.ts";
import { alertChannelJson, alertChannelSchema } from "./channel-json.ts";
import { findAlertChannel } from "./store.ts";

export const testAlertChannel = route({
  method: "POST",
  path: "/v1/alert-channels/{id}/test",
  tag: "Alerts",
  name: "testAlertChannel",
  summary: "Send a test message",
  description: "One message, to a webhook as `alert.test`. `last_success_at` and `last_error` show what came of it.",
  access: "any",
  role: "support",
  ids: { id: "alertChannel" },
  responses: { 202: { description: "The message is queued", schema: alertChannelSchema } },
  async handle({ caller, ids }, { db, sql }) {
    const row = await findAlertChannel(db, ids.id, merchantScope(caller));
    if (row === null) return noSuch("alert channel");
    await queueTest(sql, row.shard, newUuid(row.shard), row.id);
    return accepted(alertChannelJson(row));
  },
});
