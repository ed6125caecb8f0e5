import { publicId } from "../../domain/ids.ts";
import { requeueCallback } from "../../settle/inbox/inbox-store.ts";
import { accepted } from "../answer.ts";
import { recordAudit } from "../audit/record.ts";
import { gone } from "../problem.ts";
import { route } from "../route.ts";
import { callbackSchema, callbacksJson } from "./callback-json.ts";
import { visibleCallback } from "./visible.ts";

export const reprocessCallback = route({
  method: "POST",
  path: "/v1/callbacks/{id}/reprocess",
  tag: "Callbacks",
  name: "reprocessCallback",
  summary: "Read a callback again",
  description: "After a fix. What the stored bytes say now takes the place of what was read from them before.",
  access: "any",
  ids: { id: "callback" },
  answers: { 202: { means: "It is going to be read; the callback as it is until then", schema: callbackSchema } },
  problems: { 410: "The body was dropped by retention." },
  async handle({ caller, ids }, deps) {
    const callback = await visibleCallback(caller, ids.id, deps.db);
    if (callback.kind === "problem") return callback;
    const { shard, id, merchantId } = callback.row;
    if (!(await requeueCallback(deps.sql, shard, id))) {
      return gone("The body was dropped by retention: there is nothing to read again.");
    }
    deps.wakeInbox(shard);
    const subject = publicId("callback", id);
    await recordAudit(deps.db, caller, { shard, merchantId, action: "callback.reprocessed", subject });
    const [json] = await callbacksJson([callback.row], deps);
    return accepted(json!);
  },
});
