import { z } from "zod";
import { hashToken } from "../../database/encryption.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { newApiKey } from "../auth/api-key.ts";
import { merchantScope } from "../caller.ts";
import { findMerchant } from "../merchants/store.ts";
import { noSuch } from "../problem.ts";
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
  description: "The key is shown in this response only. It gives access to this merchant's data only.",
  access: "any",
  ids: { id: "merchant" },
  body: z.strictObject({ name: nameInput }),
  example: { name: "checkout server" },
  responses: { 201: { description: "The key", schema: newApiKeySchema } },
  async handle({ caller, ids, body }, { db }) {
    const merchant = await findMerchant(db, ids.id, merchantScope(caller));
    if (merchant === null) return noSuch("merchant");
    const { shard, id: merchantId } = merchant;
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
