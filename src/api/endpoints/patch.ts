import { publicId } from "../../domain/ids.ts";
import { changesOf } from "../audit/changes.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { check } from "../check.ts";
import { originOf, secretsNeeded } from "../connections/base-url-owner.ts";
import { mergePatch } from "../merge-patch.ts";
import { noSuch, type ProblemDetails } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { audited, columnsOf, inputOf, lowerCased } from "./endpoint-columns.ts";
import { checkEndpoint, type EndpointInput, endpointInput, endpointPatch } from "./endpoint-input.ts";
import { endpointJson, endpointSchema } from "./endpoint-json.ts";
import { disabledByMerchant, type EndpointRow, lockEndpoint, updateEndpoint } from "./store.ts";

export const patchEndpoint = route({
  method: "PATCH",
  path: "/v1/endpoints/{id}",
  tag: "Endpoints",
  name: "patchEndpoint",
  summary: "Change an endpoint",
  description:
    "A merge patch (RFC 7396). Disabling an endpoint fails its pending deliveries; `recover` sends them later. A " +
    "`url` of another origin needs the headers again in the same call.",
  access: "any",
  ids: { id: "endpoint" },
  body: endpointPatch,
  example: { event_types: ["payment.*", "payout.*"], rate_limit_per_s: 20, description: null },
  responses: { 200: { description: "The changed endpoint", schema: endpointSchema } },
  async handle({ caller, ids, body }, deps) {
    const changed = await deps.db.transaction(async tx => {
      const row = await lockEndpoint(tx, ids.id, merchantScope(caller));
      if (row === null) return noSuch("endpoint");
      const patch = body.headers ? { ...body, headers: lowerCased(body.headers) } : body;
      const merged = check(endpointInput, mergePatch(inputOf(row, deps.box), patch));
      if (merged.kind === "problem") return merged;
      const problem = checkEndpoint(merged.value, deps) ?? keptHeaders(row, merged.value, patch.headers ?? {});
      if (problem) return problem;
      const columns = columnsOf(row.id, merged.value, deps.box);
      const updated = await updateEndpoint(tx, row, { ...columns, ...enabledColumns(row, merged.value.enabled) });
      await recordAudit(tx, caller, {
        shard: row.shard,
        merchantId: row.merchantId,
        action: "endpoint.changed",
        subject: publicId("endpoint", row.id),
        ...changesOf(audited(row), audited(updated)),
      });
      return { kind: "changed" as const, row: updated };
    });
    if (changed.kind === "problem") return changed;
    await deps.changed({ endpointId: ids.id, merchantId: changed.row.merchantId });
    return ok(endpointJson(changed.row));
  },
});

/** 422 where the URL leads to another origin, and headers that stay were not sent again: they often carry keys. */
function keptHeaders(
  row: EndpointRow,
  after: EndpointInput,
  sent: Record<string, string | null>,
): ProblemDetails | null {
  if (originOf(row.url) === originOf(after.url)) return null;
  const stays = Object.keys(lowerCased(after.headers));
  const kept = row.headerNames.filter(name => stays.includes(name) && typeof sent[name] !== "string");
  return secretsNeeded(kept.map(name => `headers.${name}`));
}

/** The columns that enabling or disabling an endpoint changes; none where it stays as it is. */
function enabledColumns(row: EndpointRow, enabled: boolean) {
  if (enabled === row.enabled) return {};
  if (enabled) return { enabled, disabledReason: null, disabledAt: null, failingSince: null };
  return { enabled, ...disabledByMerchant() };
}
