import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { alertChannelJson, alertChannelSchema } from "./channel-json.ts";
import { findAlertChannel } from "./store.ts";

export const getAlertChannel = route({
  method: "GET",
  path: "/v1/alert-channels/{id}",
  tag: "Alerts",
  name: "getAlertChannel",
  summary: "Get an alert channel",
  description: "Without its secrets, and with how the last message went.",
  access: "any",
  ids: { id: "alertChannel" },
  responses: { 200: { description: "The channel", schema: alertChannelSchema } },
  async handle({ caller, ids }, { db }) {
    const row = await findAlertChannel(db, ids.id, merchantScope(caller));
    return row === null ? noSuch("alert channel") : ok(alertChannelJson(row));
  },
});
