import { newReceivers } from "../../connections/receiver.ts";
import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { check } from "../check.ts";
import { mergePatch } from "../merge-patch.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { columnsOf, inputOf } from "./connection-columns.ts";
import { checkConnection, connectionPatch, patchedInput } from "./connection-input.ts";
import { connectionJson, connectionSchema } from "./connection-json.ts";
import { requeueReceivers } from "./receiver-store.ts";
import { lockConnection, updateConnection } from "./store.ts";

export const patchConnection = route({
  method: "PATCH",
  path: "/v1/connections/{id}",
  tag: "Connections",
  name: "patchConnection",
  summary: "Change a connection",
  description:
    "A merge patch (RFC 7396): absent fields stay, secrets too, and `null` removes. Merchant and provider are fixed. " +
    "Callbacks in quarantine for a receiver that is now the connection's are read again.",
  access: "any",
  ids: { id: "connection" },
  body: connectionPatch,
  example: { settings: { confirm_above: "10000.00" }, verification: { signature: null } },
  responses: { 200: { description: "The changed connection", schema: connectionSchema } },
  async handle({ caller, ids, body }, deps) {
    const changed = await deps.db.transaction(async tx => {
      const row = await lockConnection(tx, ids.id, merchantScope(caller));
      if (row === null) return noSuch("connection");
      const before = inputOf(row, deps.box);
      const merged = check(patchedInput(body), mergePatch(before, body));
      if (merged.kind === "problem") return merged;
      const provider = deps.providers.get(row.provider);
      const problem = checkConnection(merged.value, provider, deps.egressAllow);
      if (problem) return problem;
      const name = merged.value.name ?? provider?.name ?? row.provider;
      const updated = await updateConnection(tx, row, columnsOf(row.id, merged.value, name, deps.box));
      const receivers = provider ? newReceivers(provider, before, merged.value) : [];
      const requeued = await requeueReceivers(tx, row, receivers);
      await recordAudit(tx, caller, {
        shard: row.shard,
        merchantId: row.merchantId,
        action: "connection.changed",
        subject: publicId("connection", row.id),
        detail: { fields: Object.keys(body), credentials: Object.keys(body.credentials ?? {}) },
      });
      return { kind: "changed" as const, row: updated, requeued };
    });
    if (changed.kind === "problem") return changed;
    await deps.changed({ connectionId: ids.id, merchantId: changed.row.merchantId });
    if (changed.requeued > 0) deps.wakeInbox(changed.row.shard);
    return ok(await connectionJson(changed.row, deps, deps.db));
  },
});
