import { z } from "zod";
import { onQueryable } from "../../database/audit/append-store.ts";
import { publicId } from "../../domain/ids.ts";
import { channelOf } from "../../providers/channels.ts";
import type { Provider } from "../../providers/provider.ts";
import { requeueCallback } from "../../settle/inbox/inbox-store.ts";
import { recordWith } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { gone, invalid, noSuch, type ProblemDetails } from "../problem.ts";
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
  description:
    "For use after a fix. The new reading of the stored bytes replaces the earlier one. With `channel` they are read " +
    "as another channel of their provider, with the strength that they came with: for callbacks that were sent to " +
    "the wrong URL. Without it they are read as their own. A channel that asks a question cannot be named: its " +
    "callbacks move no money, and their senders wait for no answer any more.",
  access: "any",
  role: "support",
  ids: { id: "callback" },
  body: z.strictObject({ channel: z.string().min(1).max(200).optional() }),
  bodyOptional: true,
  example: { channel: "stk" },
  responses: {
    202: { description: "The callback is queued; it is shown as it is until it is read", schema: callbackSchema },
  },
  problems: { 410: "The body was dropped by retention." },
  async handle({ caller, ids, body }, deps) {
    const callback = await findCallback(deps.db, ids.id, merchantScope(caller));
    if (callback === null) return noSuch("callback");
    const { shard, id, merchantId } = callback;
    const problem =
      body.channel === undefined ? null : checkChannel(deps.providers.get(callback.provider), body.channel);
    if (problem !== null) return problem;
    const readAs = body.channel === callback.channel ? null : (body.channel ?? null);
    const subject = publicId("callback", id);
    const detail = { channel: readAs ?? callback.channel };
    const queued = await deps.sql.begin(async tx => {
      if (!(await requeueCallback(tx, shard, id, readAs))) return false;
      const entry = { shard, merchantId, action: "callback.reprocessed", subject, detail } as const;
      await recordWith(onQueryable(tx), caller, entry);
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

/** Why a callback cannot be read as the channel; null where it can. */
function checkChannel(provider: Provider | undefined, name: string): ProblemDetails | null {
  const channel = channelOf(provider, name);
  if (channel !== null && channel.decision === undefined) return null;
  const readable = Object.entries(provider?.channels ?? {}).filter(([, { decision }]) => decision === undefined);
  const names = readable.map(([each]) => each).join(", ");
  const message =
    channel === null
      ? `is no channel of ${provider?.name ?? "this provider"}: send one of ${names}`
      : `asks a question and reports no money, so nothing can be read as it: send one of ${names}`;
  return invalid([{ path: "channel", message }]);
}
