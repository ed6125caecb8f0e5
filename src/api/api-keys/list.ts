import { z } from "zod";
import { merchantScope } from "../caller.ts";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { findMerchant } from "../merchants/store.ts";
import { noSuch } from "../problem.ts";
import { ok } from "../response.ts";
import { route } from "../route.ts";
import { apiKeyJson, apiKeySchema } from "./api-key-json.ts";
import { apiKeyIds, apiKeysById } from "./store.ts";

export const listApiKeys = route({
  method: "GET",
  path: "/v1/merchants/{id}/api-keys",
  tag: "Merchants",
  name: "listApiKeys",
  summary: "List a merchant's API keys",
  description: "What each may do, who made it and when it was last used. The keys themselves are never shown again.",
  access: "any",
  ids: { id: "merchant" },
  query: z.strictObject({ limit: listQuery.limit, cursor: listQuery.cursor }),
  responses: { 200: { description: "A page of keys", schema: listOf(apiKeySchema) } },
  async handle({ caller, ids, query }, { db }) {
    const merchant = await findMerchant(db, ids.id, merchantScope(caller));
    if (merchant === null) return noSuch("merchant");
    const { rows, nextCursor } = await newestFirst(
      [merchant.shard],
      query,
      (shard, slice) => apiKeyIds(db, shard, slice, ids.id),
      (shard, keyIds) => apiKeysById(db, shard, keyIds),
    );
    return ok({ data: rows.map(apiKeyJson), next_cursor: nextCursor });
  },
});
