import { z } from "zod";
import { hashToken } from "../../database/encryption.ts";
import { newUuid, publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { newApiKey } from "../auth/api-key.ts";
import { actorOf, merchantScope, scopes } from "../caller.ts";
import { limitReached } from "../limit-reached.ts";
import { lockMerchant } from "../merchants/store.ts";
import { noSuch } from "../problem.ts";
import { created } from "../response.ts";
import { route } from "../route.ts";
import { nameInput, timeInput } from "../schemas/fields.ts";
import { apiKeyJson, newApiKeySchema } from "./api-key-json.ts";
import { boundsOf } from "./bounds.ts";
import { countApiKeys, insertApiKey } from "./store.ts";

export const createApiKey = route({
  method: "POST",
  path: "/v1/merchants/{id}/api-keys",
  tag: "Merchants",
  name: "createApiKey",
  summary: "Create an API key",
  description:
    "The key is shown in this response only. It gives access to this merchant's data only, by its scopes: `read` " +
    "(every GET), `register` (transactions, polls), `start` (money and messages), `decide` (resolve, approve), " +
    "`manage` (all the rest). A key makes none that may do more or lives longer than itself: what is left out is as " +
    "much as it may give, with the admin key all scopes and no end.",
  access: "any",
  ids: { id: "merchant" },
  body: z.strictObject({
    name: nameInput,
    scopes: z.array(z.enum(scopes)).min(1).max(scopes.length).optional(),
    expires_at: timeInput.optional().meta({ description: "When the key stops working" }),
  }),
  example: { name: "checkout server", scopes: ["read", "register"] },
  responses: { 201: { description: "The key", schema: newApiKeySchema } },
  problems: { 403: "The key that is used lacks the scope `manage`, or a scope that the new one is to have." },
  async handle({ caller, ids, body }, deps) {
    const { db, now, limits } = deps;
    const bounds = boundsOf(caller, body, now());
    if (bounds.kind === "problem") return bounds;
    const made = await db.transaction(async tx => {
      const merchant = await lockMerchant(tx, ids.id, merchantScope(caller));
      if (merchant === null) return noSuch("merchant");
      const { shard, id: merchantId } = merchant;
      if ((await countApiKeys(tx, shard, merchantId)) >= limits.keys) {
        return limitReached(deps, "keys");
      }
      const key = newApiKey(shard);
      const id = newUuid(shard);
      const { scopes, expiresAt } = bounds;
      const createdBy = actorOf(caller);
      const keyHash = hashToken(key);
      const row = await insertApiKey(tx, {
        ...{ shard, id, merchantId, name: body.name, keyHash, scopes, expiresAt, createdBy },
      });
      await recordAudit(tx, caller, {
        shard,
        merchantId,
        action: "api_key.created",
        subject: publicId("apiKey", id),
        after: { name: body.name, scopes, expires_at: expiresAt },
      });
      return { kind: "made" as const, row, key };
    });
    return made.kind === "problem" ? made : created({ ...apiKeyJson(made.row), key: made.key });
  },
});
