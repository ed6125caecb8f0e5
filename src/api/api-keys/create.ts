import { z } from "zod";
import { hashToken } from "../../database/encryption.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { newApiKey } from "../auth/api-key.ts";
import { visibleMerchant } from "../merchants/visible.ts";
import { created } from "../response.ts";
import { route } from "../route.ts";
import { nameInput } from "../schemas/fields.ts";
import { apiKeyJson, newApiKeySchema } from "./api-key-json.ts";
import { insertApiKey } from "./store.ts";

export const createApiKey = route({
  method: "POST",
  path: "/v1/merchants/{id}/api-keys",
  tag: "Merchants",
  name: "createApiKey",
  summary: "Create an API key",
  description: "The key is shown in this answer only. It sees this merchant's things and nothing else.",
  access: "any",
  ids: { id: "merchant" },
  body: z.strictObject({ name: nameInput }),
  example: { name: "checkout server" },
  answers: { 201: { means: "The key", schema: newApiKeySchema } },
  async handle({ caller, ids, body }, { db }) {
    const merchant = await visibleMerchant(caller, ids.id, db);
    if (merchant.kind === "problem") return merchant;
    const { shard, id: merchantId } = merchant.row;
    const id = newUuid(shard);
    const key = newApiKey(shard);
    const row = await db.transaction(async tx => {
      const inserted = await insertApiKey(tx, { shard, id, merchantId, name: body.name, keyHash: hashToken(key) });
      const subject = publicId("apiKey", id);
      await recordAudit(tx, caller, {
        shard,
        merchantId,
        action: "api_key.created",
        subject,
        detail: { name: body.name },
      });
      return inserted;
    });
    return created({ ...apiKeyJson(row), key });
  },
});
