import { publicId } from "../../domain/ids.ts";
import { waitingSchema } from "../approvals/approval-json.ts";
import { askApproval } from "../approvals/ask.ts";
import { raisesBar } from "../approvals/bar.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { applyPatch, type ConnectionPatch, type PreparedPatch, preparePatch } from "./apply-patch.ts";
import { connectionPatch } from "./connection-input.ts";
import { connectionJson, connectionSchema } from "./connection-json.ts";

export const patchConnection = route({
  method: "PATCH",
  path: "/v1/connections/{id}",
  tag: "Connections",
  name: "patchConnection",
  summary: "Change a connection",
  description:
    "A merge patch (RFC 7396): absent fields stay, secrets too, and `null` removes. Merchant and provider are fixed. " +
    "A `base_url` of another origin needs the secret credentials again in the same call, and in production the admin " +
    "key unless it is the provider's own. Callbacks in quarantine for a receiver that is now the connection's are " +
    "read again.",
  access: "any",
  ids: { id: "connection" },
  body: connectionPatch,
  example: { settings: { confirm_above: "10000.00" }, verification: { signature: null } },
  responses: {
    200: { description: "The changed connection", schema: connectionSchema },
    202: { description: "`approve_above` is raised or removed: a second person has to approve", schema: waitingSchema },
  },
  async handle({ caller, ids, body }, deps) {
    const changed = await deps.db.transaction(async tx => {
      const prepared = await preparePatch(tx, caller, ids.id, body, deps);
      if (prepared.kind === "problem") return prepared;
      if (raisesBar(prepared.before.settings, prepared.after.settings)) return { ...prepared, kind: "waits" as const };
      return { kind: "changed" as const, ...(await applyPatch(tx, caller, prepared, deps)) };
    });
    if (changed.kind === "problem") return changed;
    if (changed.kind === "waits") {
      const asked = await askApproval(caller, null, questionOf(changed, body), deps);
      if (asked.kind === "waiting") return asked.response;
      return ok(await connectionJson(changed.row, deps, deps.db));
    }
    await deps.changed({ connectionId: ids.id, merchantId: changed.row.merchantId });
    if (changed.requeued > 0) deps.wakeInbox(changed.row.shard);
    return ok(await connectionJson(changed.row, deps, deps.db));
  },
});

/** The whole patch waits: a part of it would be another change than the one that was asked for. */
function questionOf({ row, before, after }: Pick<PreparedPatch, "row" | "before" | "after">, patch: ConnectionPatch) {
  const { shard, merchantId } = row;
  const [old, now] = [before.settings.approve_above, after.settings.approve_above ?? "none"];
  const summary = `approve_above from ${old} to ${now}; changes ${Object.keys(patch).join(", ")}`;
  const subject = publicId("connection", row.id);
  const action = "connection.change" as const;
  return { action, shard, merchantId, subject, request: patch, summary, amount: null, currency: null };
}
