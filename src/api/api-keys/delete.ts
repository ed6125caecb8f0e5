import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { findMerchant } from "../merchants/store.ts";
import { noSuch, notFound } from "../problem.ts";
import { noContent } from "../response.ts";
import { route } from "../route.ts";
import { deleteApiKey } from "./store.ts";

export const removeApiKey = route({
  method: "DELETE",
  path: "/v1/merchants/{id}/api-keys/{key_id}",
  tag: "Merchants",
  name: "deleteApiKey",
  summary: "Delete an API key",
  description: "The key and its sessions of the console end at once in this process, and within 5 s in every other.",
  access: "any",
  ids: { id: "merchant", key_id: "apiKey" },
  responses: { 204: { description: "Deleted", schema: null } },
  async handle({ caller, ids }, { db, keys, changed }) {
    const merchant = await findMerchant(db, ids.id, merchantScope(caller));
    if (merchant === null) return noSuch("merchant");
    const { shard, id: merchantId } = merchant;
    const deleted = await db.transaction(async tx => {
      const name = await deleteApiKey(tx, { shard, id: ids.key_id, merchantId });
      if (name === null) return false;
      const subject = publicId("apiKey", ids.key_id);
      await recordAudit(tx, caller, { shard, merchantId, action: "api_key.deleted", subject, before: { name } });
      return true;
    });
    if (!deleted) return notFound("The merchant has no such API key.");
    keys.forget(merchantId);
    await changed({ merchantId });
    return noContent();
  },
});
