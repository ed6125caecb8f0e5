import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { visibleMerchant } from "../merchants/visible.ts";
import { notFound } from "../problem.ts";
import { noContent } from "../response.ts";
import { route } from "../route.ts";
import { deleteApiKey } from "./store.ts";

export const removeApiKey = route({
  method: "DELETE",
  path: "/v1/merchants/{id}/api-keys/{key_id}",
  tag: "Merchants",
  name: "deleteApiKey",
  summary: "Delete an API key",
  description: "It works no more at once here, and within 5 s at processes that have just used it.",
  access: "any",
  ids: { id: "merchant", key_id: "apiKey" },
  answers: { 204: { means: "Deleted", schema: null } },
  async handle({ caller, ids }, { db, keys, changed }) {
    const merchant = await visibleMerchant(caller, ids.id, db);
    if (merchant.kind === "problem") return merchant;
    const { shard, id: merchantId } = merchant.row;
    const deleted = await db.transaction(async tx => {
      if (!(await deleteApiKey(tx, { shard, id: ids.key_id, merchantId }))) return false;
      const subject = publicId("apiKey", ids.key_id);
      await recordAudit(tx, caller, { shard, merchantId, action: "api_key.deleted", subject });
      return true;
    });
    if (!deleted) return notFound("The merchant has no such API key.");
    keys.forget(merchantId);
    await changed({ merchantId });
    return noContent();
  },
});
