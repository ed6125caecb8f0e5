import { z } from "zod";
import { listOf, listQuery, newestFirst } from "../lists/list.ts";
import { visibleMerchant } from "../merchants/visible.ts";
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
  description: "Names and ids; the keys themselves are never shown again.",
  access: "any",
  ids: { id: "merchant" },
  query: z.strictObject({ limit: listQuery.limit, cursor: listQuery.cursor }),
  answers: { 200: { means: "A page of keys", schema: listOf(apiKeySchema) } },
  async handle({ caller, ids, query }, { db }) {
    const merchant = await visibleMerchant(caller, ids.id, db);
    if (merchant.kind === "problem") return merchant;
    const { rows, nextCursor } = await newestFirst(
      [merchant.row.shard],
      query,
      (shard, slice) => apiKeyIds(db, shard, slice, ids.id),
      (shard, keyIds) => apiKeysById(db, shard, keyIds),
    );
    return ok({ data: rows.map(apiKeyJson), next_cursor: nextCursor });
  },
});
