import { onQueryable } from "../../database/audit/append-store.ts";
import { publicId } from "../../domain/ids.ts";
import { requeueCallback } from "../../settle/inbox/inbox-store.ts";
import { recordWith } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { gone, noSuch } from "../problem.ts";
import { accepted } from "../response.ts";
import { route } from "../route.ts";
import { callbackSchema, callbacksJson } from "./callback-json.ts";
import { findCallback } from "./store.ts";

export const reprocessCallback = route({
  method: "POST",
  path: "/v1/callbacks/{id}/reprocess",
  tag: "Callbacks",
  name: "reprocessCallback",
  summary: "Read a callback again",
  description: "For use after a fix. The new reading of the stored bytes replaces the earlier one.",
  access: "any",
  role: "support",
  ids: { id: "callback" },
  responses: {
    202: { description: "The callback is queued; it is shown as it is until it is read", schema: callbackSchema },
  },
  problems: { 410: "The body was dropped by retention." },
  async handle({ caller, ids }, deps) {
    const callback = await findCallback(deps.db, ids.id, merchantScope(caller));
    if (callback === null) return noSuch("callback");
    const { shard, id, merchantId } = callback;
    const subject = publicId("callback", id);
    const queued = await deps.sql.begin(async tx => {
      if (!(await requeueCallback(tx, shard, id))) return false;
      await recordWith(onQueryable(tx), caller, { shard, merchantId, action: "callback.reprocessed", subject });
      return true;
    });
    if (!queued) {
      return gone("The body was dropped by retention (HAKIKA_RETENTION_DAYS), so it cannot be read again.");
    }
    deps.wakeInbox(shard);
    const [json] = await callbacksJson([callback], deps);
    return accepted(json!);
  },
});
