import { ok } from "../response.ts";
import { route } from "../route.ts";
import { applyPatch, preparePatch } from "./apply-patch.ts";
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
    "key unless it is the provider's own.",
  access: "any",
  ids: { id: "connection" },
  body: connectionPatch,
  example: { settings: { confirm_above: "10000.00" }, verification: { signature: null } },
  responses: { 200: { description: "The changed connection", schema: connectionSchema } },
  async handle({ caller, ids, body }, deps) {
    const changed = await deps.db.transaction(async tx => {
      const prepared = await preparePatch(tx, caller, ids.id, body, deps);
      if (prepared.kind === "problem") return prepared;
      return { kind: "changed" as const, row: await applyPatch(tx, caller, prepared, deps) };
    });
    if (changed.kind === "problem") return changed;
    await deps.changed({ connectionId: ids.id, merchantId: changed.row.merchantId });
    return ok(await connectionJson(changed.row, deps, deps.db));
  },
});
