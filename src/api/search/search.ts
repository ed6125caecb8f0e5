import { z } from "zod";
import { installationShard } from "../../alerts/look/spool-watch.ts";
import { publicId } from "../../domain/ids.ts";
import { listScope } from "../lists/scope.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { idInput, idOutput } from "../schemas/fields.ts";
import { type Hit, hitTypes } from "./hit.ts";
import { idHits } from "./id-store.ts";
import { phoneHits, quarantineHits, referenceHits, refHits } from "./text-store.ts";

const hitsMax = 20;

const hitSchema = z
  .object({
    type: z.enum(hitTypes).meta({ examples: ["transaction"] }),
    id: z.string().meta({ examples: ["txn_0199f3b0c4d17a3e8f0a1b2c3d4e5f60"] }),
    merchant_id: idOutput("merchant").nullable(),
    title: z.string().meta({ examples: ["stk_push completed 50.00 KES · ORDER-1"] }),
    matched: z
      .enum(["id", "reference", "provider_ref", "phone", "quarantined_body"])
      .meta({ examples: ["provider_ref"] }),
  })
  .meta({ id: "SearchHit" });

export const search = route({
  method: "GET",
  path: "/v1/search",
  tag: "Search",
  name: "search",
  summary: "Search everything",
  description:
    "An id of any kind or its beginning (prefix and 8 digits), a receipt or reference in any letter case, a phone in " +
    "any form, and a receipt inside a body in quarantine. Exact hits first, then receipts that begin so; 20 at most.",
  access: "any",
  query: z.strictObject({ q: z.string().trim().min(1).max(200), merchant_id: idInput("merchant").optional() }),
  responses: { 200: { description: "What was found", schema: z.object({ data: z.array(hitSchema) }) } },
  async handle({ caller, query }, { db, phones }) {
    const { q } = query;
    const scope = await listScope(caller, query, [], db);
    if (scope.kind === "problem") return scope;
    const own = scope.merchantId;
    const shards = own === null ? [...new Set([...scope.shards, installationShard])] : scope.shards;
    const within = { db, merchantId: own, count: hitsMax };
    const perShard = await Promise.all(
      shards.map(shard =>
        Promise.all([
          idHits({ ...within, shard }, q),
          refHits({ ...within, shard }, q, "exact"),
          referenceHits({ ...within, shard }, q),
          phoneHits({ ...within, shard }, q, phones),
          quarantineHits({ ...within, shard }, q),
          refHits({ ...within, shard }, q, "beginning"),
        ]),
      ),
    );
    const groups = [0, 1, 2, 3, 4, 5].flatMap(at => newest(perShard.flatMap(hits => hits[at]!)));
    return ok({ data: distinct(groups).slice(0, hitsMax).map(hitJson) });
  },
});

function newest(hits: Hit[]): Hit[] {
  return hits.sort((a, b) => Number(b.isExact) - Number(a.isExact) || (a.uuid < b.uuid ? 1 : -1));
}

/** A thing that matched in several ways is named once, by the first. */
function distinct(hits: Hit[]): Hit[] {
  const seen = new Set<string>();
  const sorted = [...hits.filter(hit => hit.isExact), ...hits.filter(hit => !hit.isExact)];
  return sorted.filter(({ uuid }) => !seen.has(uuid) && seen.add(uuid));
}

function hitJson({ kind, type, uuid, merchantId, title, matched }: Hit) {
  return {
    type,
    id: publicId(kind, uuid),
    merchant_id: merchantId && publicId("merchant", merchantId),
    title,
    matched,
  };
}
