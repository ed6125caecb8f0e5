import { sealContext } from "../../database/seal-contexts.ts";
import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { noSuch } from "../problem.ts";
import { noContent } from "../response.ts";
import { route } from "../route.ts";
import { deleteAlertChannel, findAlertChannel } from "./store.ts";

export const removeAlertChannel = route({
  method: "DELETE",
  path: "/v1/alert-channels/{id}",
  tag: "Alerts",
  name: "deleteAlertChannel",
  summary: "Delete an alert channel",
  description: "Its secrets are erased, and messages that wait for it are not sent.",
  access: "any",
  ids: { id: "alertChannel" },
  responses: { 204: { description: "Deleted", schema: null } },
  async handle({ caller, ids }, { db, box }) {
    const row = await findAlertChannel(db, ids.id, merchantScope(caller));
    if (row === null) return noSuch("alert channel");
    const { shard, merchantId, id, kind } = row;
    const isDeleted = await db.transaction(async tx => {
      if (!(await deleteAlertChannel(tx, id, box.seal("{}", sealContext.alertChannel(id))))) return false;
      const subject = publicId("alertChannel", id);
      await recordAudit(tx, caller, { shard, merchantId, action: "alert_channel.deleted", subject, before: { kind } });
      return true;
    });
    return isDeleted ? noContent() : noSuch("alert channel");
  },
});
